package io.sysmon.arch.x86_64;

import io.sysmon.Abi;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.DwarfRegisters;
import io.sysmon.spi.ParkingCode;
import io.sysmon.spi.RegisterLayout;
import io.sysmon.spi.SyscallConvention;
import java.util.List;
import java.util.Optional;

/**
 * x86-64: registers of {@code struct user_regs_struct} (sys/user.h), the ABIs x86_64, i386 ({@code
 * int 0x80} and 32-bit programs) and x32.
 */
public final class X86_64 implements Architecture {
  /** {@code AUDIT_ARCH_X86_64}: {@code EM_X86_64 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE}. */
  static final int AUDIT_ARCH_X86_64 = 0xC000003E;

  /** {@code AUDIT_ARCH_I386}: {@code EM_386 | __AUDIT_ARCH_LE}. */
  static final int AUDIT_ARCH_I386 = 0x40000003;

  /** {@code __X32_SYSCALL_BIT} (asm/unistd.h). */
  static final long X32_SYSCALL_BIT = 0x40000000;

  private static final int NATIVE_INDEX = 0;
  private static final int I386_INDEX = 1;
  private static final int X32_INDEX = 2;

  private static final List<Abi> ABIS =
      List.of(
          new Abi("x86_64", AUDIT_ARCH_X86_64, 8),
          new Abi("i386", AUDIT_ARCH_I386, 4),
          new Abi("x32", AUDIT_ARCH_X86_64, 4));

  private static final RegisterLayout REGISTERS =
      RegisterLayout.inOrder(
              "r15",
              "r14",
              "r13",
              "r12",
              "rbp",
              "rbx",
              "r11",
              "r10",
              "r9",
              "r8",
              "rax",
              "rcx",
              "rdx",
              "rsi",
              "rdi",
              "orig_rax",
              "rip",
              "cs",
              "eflags",
              "rsp",
              "ss",
              "fs_base",
              "gs_base",
              "ds",
              "es",
              "fs",
              "gs")
          .pointers("rip", "rsp")
          .number("rax", "orig_rax")
          .result("rax")
          .build();

  /** System V ABI, AMD64 supplement, figure 3.36: the last is the return address. */
  private static final DwarfRegisters DWARF_REGISTERS =
      new DwarfRegisters(
          List.of(
              "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11",
              "r12", "r13", "r14", "r15", "rip"),
          7,
          6,
          -1);

  private static final byte[] SYSCALL = {0x0f, 0x05};
  private static final byte[] INT_0X80 = {(byte) 0xcd, (byte) 0x80};

  /** Of x32 too: its calls differ from the native ones in their number alone. */
  private static final SyscallConvention NATIVE =
      new SyscallConvention(REGISTERS, SYSCALL, "rdi", "rsi", "rdx", "r10", "r8", "r9");

  private static final SyscallConvention I386 =
      new SyscallConvention(REGISTERS, INT_0X80, "rbx", "rcx", "rdx", "rsi", "rdi", "rbp");

  /** Creates the architecture; it has no state. */
  public X86_64() {}

  @Override
  public String name() {
    return "x86_64";
  }

  @Override
  public boolean isHost(String osArch) {
    return osArch.equals("amd64") || osArch.equals("x86_64");
  }

  @Override
  public List<Abi> abis() {
    return ABIS;
  }

  @Override
  public int abiIndex(int auditArch, long number) {
    if (auditArch == AUDIT_ARCH_I386) {
      return I386_INDEX;
    }
    // -1, a call skipped by a tracer, has the bit too and is no x32 call.
    return number > 0 && (number & X32_SYSCALL_BIT) != 0 ? X32_INDEX : NATIVE_INDEX;
  }

  @Override
  public Optional<SyscallConvention> convention(int abi) {
    return Optional.of(abi == I386_INDEX ? I386 : NATIVE);
  }

  @Override
  public RegisterLayout registers() {
    return REGISTERS;
  }

  @Override
  public DwarfRegisters dwarfRegisters() {
    return DWARF_REGISTERS;
  }

  /** A 64-bit tracer gets and sets the 64-bit registers also of a 32-bit program. */
  @Override
  public boolean hasGetRegs() {
    return true;
  }

  @Override
  public Optional<ParkingCode> parkingCode() {
    return Optional.of(new SleepingCode(REGISTERS));
  }

  @Override
  public byte[] breakpointInstruction() {
    return new byte[] {(byte) 0xcc};
  }

  @Override
  public int breakpointAdvance() {
    return 1;
  }

  /** {@code syscall}, {@code sysenter} and {@code int 0x80}. */
  @Override
  public boolean isSyscallInstruction(byte[] code) {
    int first = code[0] & 0xff;
    int second = code[1] & 0xff;
    return (first == 0x0f && (second == 0x05 || second == 0x34))
        || (first == 0xcd && second == 0x80);
  }
}
