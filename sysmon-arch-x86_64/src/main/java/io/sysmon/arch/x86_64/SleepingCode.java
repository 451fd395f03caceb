package io.sysmon.arch.x86_64;

import io.sysmon.spi.ParkingCode;
import io.sysmon.spi.RegisterLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;

/**
 * Sleeps by ppoll(2), which leaves alone what the kernel keeps to go on with another call
 * (restart_syscall(2)). Goes on by plain moves behind a rt_sigprocmask(2): rt_sigreturn(2) would
 * make such a call return {@code EINTR} (arch/x86/kernel/signal_64.c, restore_sigcontext()). No
 * instruction changes a flag.
 *
 * <pre>
 *   0  sleep:  syscall                        ppoll(0, 0, interval, 0)
 *   2          mov    tracer(%rip), %rdi
 *   9          mov    $121, %eax
 *  14          syscall                        getpgid(tracer)
 *  16          lea    3(%rax), %rcx           ESRCH
 *  20          jrcxz  gone
 *  22          lea    -1(%r9), %r9
 *  26          mov    %r9, %rcx
 *  29          jrcxz  gone
 *  31          mov    $271, %eax
 *  36          jmp    sleep
 *  38  gone:   mov    $2, %edi                or hlt, which a program may not execute
 *  43          lea    16(%r8), %rsi
 *  47          mov    $0, %edx
 *  52          mov    $8, %r10d
 *  58          mov    $14, %eax
 *  63          syscall                        rt_sigprocmask(SIG_SETMASK, mask, 0, 8)
 *  65          mov    32(%r8), %rax
 *  69          mov    40(%r8), %rdi
 *  73          mov    48(%r8), %rsi
 *  77          mov    56(%r8), %rdx
 *  81          mov    64(%r8), %r10
 *  85          mov    72(%r8), %r9
 *  89          mov    80(%r8), %rcx
 *  93          mov    88(%r8), %r11
 *  97          jmp    *%r8
 * 104  tracer:   .quad
 * 112  interval: .quad 0, 500000000
 *
 *   0  frame:  mov    96+frame(%rip), %r8
 *   7          jmp    *24+frame(%rip)
 *  16  mask, instruction pointer, rax, rdi, rsi, rdx, r10, r9, rcx, r11, r8: .quad each
 * </pre>
 */
final class SleepingCode implements ParkingCode {
  private static final byte[] CODE =
      bytes(
          "0f05488b3d5f000000b8790000000f05488d4803e3104d8d49ff4c89c9e307b80f010000ebda"
              + "bf02000000498d7010ba0000000041ba08000000b80e0000000f05"
              + "498b4020498b7828498b7030498b50384d8b50404d8b4848498b48504d8b585841ffe00f1f4000");
  private static final byte[] FRAME = bytes("4c8b0559000000ff250b0000000f1f00");

  private static final int GONE_OFFSET = 38;
  private static final int TRACER_OFFSET = 104;
  private static final int INTERVAL_OFFSET = 112;
  private static final int SIZE = 128;
  private static final byte HLT = (byte) 0xf4;
  private static final long INTERVAL_NANOS = 500_000_000;
  private static final int INTERVALS_PER_SECOND = 2;

  private static final long PPOLL = 271;
  private static final long RESTART_SYSCALL = 219;
  private static final int SYSCALL_SIZE = 2;

  private static final int ERESTARTSYS = 512;
  private static final int ERESTARTNOHAND = 514;
  private static final int ERESTART_RESTARTBLOCK = 516;

  /** What the frame has behind mask and instruction pointer, in that order. */
  private static final List<String> SAVED =
      List.of("rax", "rdi", "rsi", "rdx", "r10", "r9", "rcx", "r11", "r8");

  private static final int FRAME_SIZE = FRAME.length + (2 + SAVED.size()) * Long.BYTES;

  private final RegisterLayout layout;

  SleepingCode(RegisterLayout layout) {
    this.layout = layout;
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public List<String> calls() {
    return List.of("ppoll", "getpgid", "rt_sigprocmask", "restart_syscall");
  }

  @Override
  public int size() {
    return SIZE;
  }

  @Override
  public int frameSize() {
    return FRAME_SIZE;
  }

  @Override
  public byte[] code(int tracer, boolean endsProgram) {
    byte[] code = new byte[SIZE];
    ByteBuffer buffer = littleEndian(code);
    buffer.put(CODE);
    buffer.putLong(TRACER_OFFSET, tracer);
    buffer.putLong(INTERVAL_OFFSET + Long.BYTES, INTERVAL_NANOS);
    if (endsProgram) {
      code[GONE_OFFSET] = HLT;
    }
    return code;
  }

  @Override
  public byte[] frame(byte[] registers, long signalMask) {
    byte[] own = registers.clone();
    redo(littleEndian(own));
    byte[] frame = new byte[FRAME_SIZE];
    ByteBuffer buffer = littleEndian(frame);
    buffer.put(FRAME);
    buffer.putLong(signalMask);
    buffer.putLong(littleEndian(own).getLong(layout.instructionPointer()));
    SAVED.forEach(name -> buffer.putLong(littleEndian(own).getLong(layout.offset(name))));
    return frame;
  }

  /** As arch_do_signal_or_restart() (arch/x86/kernel/signal.c) when there is no signal. */
  private void redo(ByteBuffer registers) {
    int number = (int) registers.getLong(layout.enteredNumber());
    long code = -registers.getLong(layout.result());
    boolean fromBlock = code == ERESTART_RESTARTBLOCK;
    if (number >= 0 && ((code >= ERESTARTSYS && code <= ERESTARTNOHAND) || fromBlock)) {
      registers.putLong(layout.callNumber(), fromBlock ? RESTART_SYSCALL : number);
      int pointer = layout.instructionPointer();
      registers.putLong(pointer, registers.getLong(pointer) - SYSCALL_SIZE);
    }
  }

  @Override
  public byte[] asleep(byte[] registers, long code, long frame, long seconds) {
    byte[] asleep = registers.clone();
    ByteBuffer buffer = littleEndian(asleep);
    buffer.putLong(layout.instructionPointer(), code);
    buffer.putLong(layout.enteredNumber(), -1);
    buffer.putLong(layout.callNumber(), PPOLL);
    buffer.putLong(layout.offset("rdi"), 0);
    buffer.putLong(layout.offset("rsi"), 0);
    buffer.putLong(layout.offset("rdx"), code + INTERVAL_OFFSET);
    buffer.putLong(layout.offset("r10"), 0);
    buffer.putLong(layout.offset("r8"), frame);
    buffer.putLong(layout.offset("r9"), seconds * INTERVALS_PER_SECOND);
    return asleep;
  }
}
