package io.sysmon;

/**
 * The calling convention that a system call was made in. One process may use several: a 64-bit x86
 * program can execute {@code int 0x80}, and then number and arguments are i386's.
 *
 * @param name the column of the system call table: {@code x86_64}, {@code i386}, {@code x32},
 *     {@code aarch64}, {@code arm}
 * @param auditArch the kernel's {@code AUDIT_ARCH_*} constant (linux/audit.h), as ptrace and
 *     seccomp report it
 * @param wordSize the size of a pointer and of a {@code long} in bytes, 4 or 8
 */
public record Abi(String name, int auditArch, int wordSize) {
  /** {@code __AUDIT_ARCH_64BIT} of linux/audit.h. */
  private static final int AUDIT_ARCH_64BIT = 0x80000000;

  /**
   * Which bits of an argument register belong to a call. A 64-bit program that executes {@code int
   * 0x80} may have anything in the upper halves, which i386 calls do not look at. The registers of
   * x32 calls have 64 bits, though its pointers have 32.
   *
   * @return all 64 bits, or the lower 32
   */
  public long registerMask() {
    return (auditArch & AUDIT_ARCH_64BIT) != 0 ? -1L : 0xffffffffL;
  }

  @Override
  public String toString() {
    return name;
  }
}
