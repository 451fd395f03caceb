package io.sysmon.tests.rewrite;

import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import java.nio.file.Path;
import java.util.List;

/** The ways to make a system call that {@code rewrite_registers.c} has. */
enum Way {
  /** A 64-bit program's own, on each CPU; the others are for x86. */
  SYSCALL(Cpu.current().abi(), "syscall"),

  /** The same instruction with x32's numbers, which most kernels do not have. */
  X32("x32", "x32"),

  /** {@code int 0x80} in a 64-bit program. */
  INT80("i386", "int80"),

  /** {@code int 0x80} in a 32-bit program. */
  INT80_OF_32_BIT("i386", "int80"),

  /** {@code sysenter}, or on AMD {@code syscall}, in the vdso of a 32-bit program. */
  VDSO_OF_32_BIT("i386", "vdso"),

  /** The same of a program without shared libraries. */
  VDSO_OF_STATIC_32_BIT("i386", "vdso");

  private final String abi;
  private final String word;

  Way(String abi, String word) {
    this.abi = abi;
    this.word = word;
  }

  /** The name of the ABI that the calls are to be told in. */
  String abi() {
    return abi;
  }

  private Path program() {
    return switch (this) {
      case SYSCALL -> Guest.compile("rewrite_registers", "-pthread");
      case X32 -> {
        Cpu.X86_64.assume();
        yield Guest.compile("rewrite_registers", "-pthread");
      }
      case INT80 -> {
        Guest32.assumeKernel();
        yield Guest.compile("rewrite_registers", "-pthread");
      }
      case INT80_OF_32_BIT, VDSO_OF_32_BIT ->
          Guest32.compile("rewrite_registers", "-pthread", "-no-pie");
      case VDSO_OF_STATIC_32_BIT -> Guest32.compile("rewrite_registers", "-pthread", "-static");
    };
  }

  /** The guest that makes its calls in this way. */
  ProcessBuilder guest(String mode, Object... arguments) {
    ProcessBuilder guest = Calls.command(program(), arguments);
    guest.command().addAll(1, List.of(word, mode));
    return guest;
  }
}
