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
  @Override
  public String toString() {
    return name;
  }
}
