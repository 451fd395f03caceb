package io.sysmon.tests.arch;

import io.sysmon.Abi;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.DwarfRegisters;
import io.sysmon.spi.RegisterLayout;
import io.sysmon.spi.SyscallConvention;
import java.util.List;
import java.util.Optional;

/**
 * A sketch of 64-bit RISC-V, which shows that the seam has a place for all that a third CPU needs:
 * {@code struct user_regs_struct} of its asm/ptrace.h, the generic system call numbers, {@code
 * ecall}. It has run on no such CPU; docs/porting.md says what would be left to do.
 */
final class Riscv64 implements Architecture {
  /** {@code EM_RISCV | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE}. */
  private static final int AUDIT_ARCH_RISCV64 = 0xC00000F3;

  private static final List<Abi> ABIS = List.of(new Abi("riscv64", AUDIT_ARCH_RISCV64, 8));

  private static final String[] NAMES =
      ("pc ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7"
              + " s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6")
          .split(" ", -1);

  private static final RegisterLayout REGISTERS =
      RegisterLayout.inOrder(NAMES).pointers("pc", "sp").number("a7", "a7").result("a0").build();

  /**
   * By number: x0, which no frame description tells of, stands as the pc. Where {@code s0} points,
   * the caller's and the return address end; that they begin there, the fallback without frame
   * descriptions takes for granted.
   */
  private static final DwarfRegisters DWARF_REGISTERS =
      new DwarfRegisters(List.of(NAMES), 2, 8, -1L);

  private static final byte[] ECALL = {0x73, 0x00, 0x00, 0x00};

  private static final SyscallConvention CONVENTION =
      new SyscallConvention(REGISTERS, ECALL, "a0", "a1", "a2", "a3", "a4", "a5");

  @Override
  public String name() {
    return "riscv64";
  }

  @Override
  public boolean isHost(String osArch) {
    return osArch.equals("riscv64");
  }

  @Override
  public List<Abi> abis() {
    return ABIS;
  }

  @Override
  public int abiIndex(int auditArch, long number) {
    return 0;
  }

  @Override
  public Optional<SyscallConvention> convention(int abi) {
    return Optional.of(CONVENTION);
  }

  @Override
  public RegisterLayout registers() {
    return REGISTERS;
  }

  @Override
  public DwarfRegisters dwarfRegisters() {
    return DWARF_REGISTERS;
  }

  /** {@code c.ebreak}: instructions may have two bytes. */
  @Override
  public byte[] breakpointInstruction() {
    return new byte[] {0x02, (byte) 0x90};
  }

  @Override
  public int breakpointAdvance() {
    return 0;
  }
}
