package io.sysmon;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The kernel's {@code siginfo_t}: why a signal was sent (sigaction(2)). Immutable. Which of the
 * fields have a meaning depends on signal and code (kernel/signal.c siginfo_layout()); the others
 * read as what the same bytes hold. Also of a 32-bit program it has the 64-bit layout: the kernel
 * translates for the program and for the tracer.
 *
 * <pre>{@code
 * offset  0  4  8 | 16       20      24            32     40        (64-bit layout)
 *         signo   | pid      uid     status        utime  stime     SIGCHLD
 *         errno   | pid      uid     value                          kill, tgkill, sigqueue
 *         code    | timerid  overrun value                          timers
 *                 | address                                         SIGSEGV, SIGBUS, SIGILL, ...
 *                 | band             fd                             SIGIO
 *                 | call address     syscall arch(28)               SIGSYS
 * }</pre>
 */
public final class SigInfo {
  /** {@code sizeof(siginfo_t)}. */
  public static final int SIZE = 128;

  /** {@code si_code}: sent by kill(2). */
  public static final int SI_USER = 0;

  /** {@code si_code}: sent by the kernel. */
  public static final int SI_KERNEL = 0x80;

  /** {@code si_code}: sent by sigqueue(3). */
  public static final int SI_QUEUE = -1;

  /** {@code si_code}: a timer of timer_create(2) has expired. */
  public static final int SI_TIMER = -2;

  /** {@code si_code}: sent by tkill(2) or tgkill(2). */
  public static final int SI_TKILL = -6;

  private static final int SI_SIGIO = -5;

  private static final int SIGNO_OFFSET = 0;
  private static final int ERRNO_OFFSET = 4;
  private static final int CODE_OFFSET = 8;
  private static final int PID_OFFSET = 16;
  private static final int UID_OFFSET = 20;
  private static final int ADDRESS_OFFSET = 16;
  private static final int STATUS_OFFSET = 24;
  private static final int VALUE_OFFSET = 24;
  private static final int TIMER_ID_OFFSET = 16;
  private static final int OVERRUN_OFFSET = 20;
  private static final int BAND_OFFSET = 16;
  private static final int FD_OFFSET = 24;
  private static final int SYSCALL_OFFSET = 24;
  private static final int ARCH_OFFSET = 28;
  private static final int UTIME_OFFSET = 32;
  private static final int STIME_OFFSET = 40;

  private final ByteBuffer raw;

  /**
   * Takes over what {@code PTRACE_GETSIGINFO} filled in.
   *
   * @param bytes {@link #SIZE} bytes in the machine's byte order; copied
   */
  public SigInfo(byte[] bytes) {
    if (bytes.length != SIZE) {
      throw new IllegalArgumentException("siginfo_t has " + SIZE + " bytes, not " + bytes.length);
    }
    raw = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.nativeOrder());
  }

  private SigInfo(Signal signal, int code, int pid, long uid, long value) {
    raw = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder());
    raw.putInt(SIGNO_OFFSET, signal.number()).putInt(CODE_OFFSET, code);
    raw.putInt(PID_OFFSET, pid).putInt(UID_OFFSET, (int) uid).putLong(VALUE_OFFSET, value);
  }

  /**
   * What a program gets with a signal that was sent by kill(2).
   *
   * @param signal the signal
   * @param pid who sent it
   * @param uid its real user id
   * @return the structure, with {@link #SI_USER}
   */
  public static SigInfo sent(Signal signal, int pid, long uid) {
    return new SigInfo(signal, SI_USER, pid, uid, 0);
  }

  /**
   * What a program gets with a signal that was sent by sigqueue(3).
   *
   * @param signal the signal
   * @param pid who sent it
   * @param uid its real user id
   * @param value the value that goes with it: a pointer, or an int
   * @return the structure, with {@link #SI_QUEUE}
   */
  public static SigInfo queued(Signal signal, int pid, long uid, long value) {
    return new SigInfo(signal, SI_QUEUE, pid, uid, value);
  }

  /**
   * The signal, {@code si_signo}.
   *
   * @return the signal
   */
  public Signal signal() {
    return Signal.of(raw.getInt(SIGNO_OFFSET));
  }

  /**
   * {@code si_errno}.
   *
   * @return usually 0
   */
  public int errno() {
    return raw.getInt(ERRNO_OFFSET);
  }

  /**
   * {@code si_code}: positive from the kernel, zero or negative from a program.
   *
   * @return the code
   */
  public int code() {
    return raw.getInt(CODE_OFFSET);
  }

  /**
   * {@code si_pid}: who sent it, or the child that {@code SIGCHLD} is about; translated by the
   * kernel to the tracee's pid namespace.
   *
   * @return a process id
   */
  public int pid() {
    return raw.getInt(PID_OFFSET);
  }

  /**
   * {@code si_uid}: the real user id of the sender.
   *
   * @return a user id, as the kernel's unsigned number
   */
  public long uid() {
    return Integer.toUnsignedLong(raw.getInt(UID_OFFSET));
  }

  /**
   * {@code si_status} of {@code SIGCHLD}: exit code or signal.
   *
   * @return the status
   */
  public int status() {
    return raw.getInt(STATUS_OFFSET);
  }

  /**
   * {@code si_utime} of {@code SIGCHLD}.
   *
   * @return clock ticks
   */
  public long userTicks() {
    return raw.getLong(UTIME_OFFSET);
  }

  /**
   * {@code si_stime} of {@code SIGCHLD}.
   *
   * @return clock ticks
   */
  public long systemTicks() {
    return raw.getLong(STIME_OFFSET);
  }

  /**
   * {@code si_addr} of a fault: the address that was accessed or executed. {@code si_call_addr} of
   * {@code SIGSYS}: what comes behind the system call's instruction.
   *
   * @return an address in the tracee
   */
  public long address() {
    return raw.getLong(ADDRESS_OFFSET);
  }

  /**
   * {@code si_value} of sigqueue(3) and timers.
   *
   * @return all 64 bits of the union
   */
  public long value() {
    return raw.getLong(VALUE_OFFSET);
  }

  /**
   * {@code si_value.sival_int} of sigqueue(3) and timers.
   *
   * @return the first 32 bits of the union
   */
  public int intValue() {
    return raw.getInt(VALUE_OFFSET);
  }

  /**
   * {@code si_timerid}: which timer of timer_create(2) has expired.
   *
   * @return the kernel's number of it, unique in the process
   */
  public int timerId() {
    return raw.getInt(TIMER_ID_OFFSET);
  }

  /**
   * {@code si_overrun}: how often the timer has expired again before its signal was delivered.
   *
   * @return the count
   */
  public int overrun() {
    return raw.getInt(OVERRUN_OFFSET);
  }

  /**
   * {@code si_fd} of {@code SIGIO}, or of the signal that F_SETSIG of fcntl(2) chose.
   *
   * @return a descriptor of the tracee
   */
  public int fd() {
    return raw.getInt(FD_OFFSET);
  }

  /**
   * {@code si_band} of {@code SIGIO}: what has become possible, as poll(2) tells it.
   *
   * @return the {@code POLL*} bits
   */
  public long band() {
    return raw.getLong(BAND_OFFSET);
  }

  /**
   * {@code si_syscall} of {@code SIGSYS}: the call that a seccomp filter traps.
   *
   * @return a number of the ABI that {@link #arch()} stands for
   */
  public int syscall() {
    return raw.getInt(SYSCALL_OFFSET);
  }

  /**
   * {@code si_arch} of {@code SIGSYS}.
   *
   * @return an {@code AUDIT_ARCH_*} of linux/audit.h
   */
  public int arch() {
    return raw.getInt(ARCH_OFFSET);
  }

  /**
   * The whole structure.
   *
   * @return a copy of its {@link #SIZE} bytes
   */
  public byte[] toByteArray() {
    return raw.array().clone();
  }

  @Override
  public String toString() {
    return signal().name() + " (code " + code() + ", " + details() + ")";
  }

  /** As siginfo_layout() of kernel/signal.c chooses. */
  private String details() {
    int code = code();
    String sender = "pid " + pid() + ", uid " + uid();
    if (code == SI_TIMER) {
      return "timer " + timerId() + ", overrun " + overrun() + ", value " + value();
    }
    if (code == SI_USER || code == SI_TKILL || code >= SI_KERNEL) {
      return sender;
    }
    if (code < 0 && code != SI_SIGIO) {
      return sender + ", value " + value();
    }
    return switch (code < 0 ? Signal.SIGIO.number() : raw.getInt(SIGNO_OFFSET)) {
      case 17 /* SIGCHLD */ -> sender + ", status " + status();
      case 4, 5, 7, 8, 11 /* ILL, TRAP, BUS, FPE, SEGV */ ->
          "address 0x" + Long.toHexString(address());
      case 31 /* SIGSYS */ -> "call " + syscall() + ", arch 0x" + Integer.toHexString(arch());
      default -> "fd " + fd() + ", band " + band();
    };
  }
}
