package io.sysmon.arch.aarch64;

import io.sysmon.Abi;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.DwarfRegisters;
import io.sysmon.spi.RegisterLayout;
import io.sysmon.spi.SignalFrame;
import io.sysmon.spi.SyscallConvention;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * 64-bit ARM: registers of {@code struct user_pt_regs} (asm/ptrace.h of arm64), the ABIs aarch64
 * and arm (32-bit programs, recognised and named by number only).
 *
 * <p>x7 is not the tracee's at syscall stops: the kernel shows 0 at entry and 1 at exit there, and
 * ignores what is written.
 */
public final class Aarch64 implements Architecture {
  /** {@code AUDIT_ARCH_AARCH64}: {@code EM_AARCH64 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE}. */
  static final int AUDIT_ARCH_AARCH64 = 0xC00000B7;

  /** {@code AUDIT_ARCH_ARM}: {@code EM_ARM | __AUDIT_ARCH_LE}. */
  static final int AUDIT_ARCH_ARM = 0x40000028;

  /** {@code NT_ARM_SYSTEM_CALL} (elf.h). Writing x8 at an entry stop changes nothing. */
  static final int NT_ARM_SYSTEM_CALL = 0x404;

  private static final int NATIVE_INDEX = 0;
  private static final int ARM_INDEX = 1;
  private static final int GENERAL_REGISTERS = 31;

  private static final List<Abi> ABIS =
      List.of(new Abi("aarch64", AUDIT_ARCH_AARCH64, 8), new Abi("arm", AUDIT_ARCH_ARM, 4));

  private static final RegisterLayout REGISTERS =
      RegisterLayout.inOrder(names()).pointers("pc", "sp").number("x8", "x8").result("x0").build();

  /**
   * DWARF for the Arm 64-bit Architecture, 4.1: x0 to x30 and sp. Return addresses may be signed in
   * the bits above the 48 of an address.
   */
  private static final DwarfRegisters DWARF_REGISTERS =
      new DwarfRegisters(
          List.of(names()).subList(0, GENERAL_REGISTERS + 1),
          GENERAL_REGISTERS,
          29,
          0x0000_ffff_ffff_ffffL);

  /**
   * The vdso's {@code mov x8, #139; svc #0} (arch/arm64/kernel/vdso/sigreturn.S, which tells why it
   * is not described), and {@code regs} of {@code struct sigcontext} in {@code struct rt_sigframe}
   * (arch/arm64/kernel/signal.c).
   */
  private static final SignalFrame SIGNAL_FRAME = new SignalFrame(0xd4000001_d2801168L, 312);

  private static final byte[] SVC_0 = {0x01, 0x00, 0x00, (byte) 0xd4};

  private static final SyscallConvention NATIVE =
      new SyscallConvention(REGISTERS, SVC_0, "x0", "x1", "x2", "x3", "x4", "x5");

  /** Creates the architecture; it has no state. */
  public Aarch64() {}

  private static String[] names() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < GENERAL_REGISTERS; i++) {
      names.add("x" + i);
    }
    names.addAll(List.of("sp", "pc", "pstate"));
    return names.toArray(String[]::new);
  }

  @Override
  public String name() {
    return "aarch64";
  }

  @Override
  public boolean isHost(String osArch) {
    return osArch.equals("aarch64");
  }

  @Override
  public List<Abi> abis() {
    return ABIS;
  }

  @Override
  public int abiIndex(int auditArch, long number) {
    return auditArch == AUDIT_ARCH_ARM ? ARM_INDEX : NATIVE_INDEX;
  }

  /** None for arm: a 32-bit task's registers have a layout of their own, of 72 bytes. */
  @Override
  public Optional<SyscallConvention> convention(int abi) {
    return abi == NATIVE_INDEX ? Optional.of(NATIVE) : Optional.empty();
  }

  @Override
  public RegisterLayout registers() {
    return REGISTERS;
  }

  @Override
  public DwarfRegisters dwarfRegisters() {
    return DWARF_REGISTERS;
  }

  @Override
  public Optional<SignalFrame> signalFrame() {
    return Optional.of(SIGNAL_FRAME);
  }

  @Override
  public int numberRegset() {
    return NT_ARM_SYSTEM_CALL;
  }

  @Override
  public boolean restartsAfterSignals() {
    return false;
  }

  /** {@code brk #0}. */
  @Override
  public byte[] breakpointInstruction() {
    return new byte[] {0x00, 0x00, 0x20, (byte) 0xd4};
  }

  @Override
  public int breakpointAdvance() {
    return 0;
  }
}
