package io.sysmon.tests.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Guests that are 32-bit programs, for a 64-bit x86 kernel that runs those. */
public final class Guest32 {
  private Guest32() {}

  /**
   * Compiles a guest with the 32-bit C library, as {@link Guest#compile}. Skips the test where the
   * kernel runs no 32-bit programs, or gcc has no such library ({@code gcc-multilib}).
   */
  public static Path compile(String cFileName, String... gccFlags) {
    assumeKernel();
    assumeTrue(Library.IS_THERE, "gcc -m32 has no C library");
    String[] flags = new String[gccFlags.length + 1];
    flags[0] = "-m32";
    System.arraycopy(gccFlags, 0, flags, 1, gccFlags.length);
    return Guest.compile(cFileName, flags);
  }

  /** Skips the test where the kernel takes no i386 calls. */
  public static void assumeKernel() {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "not an x86_64");
    assumeTrue(Kernel.RUNS_32_BIT, "This kernel runs no 32-bit programs");
  }

  private static final class Kernel {
    static final boolean RUNS_32_BIT = runs();

    /** Not linked with a C library: gcc without 32-bit libraries can build it. */
    private static boolean runs() {
      Path program = Guest.compile("abi32", "-m32", "-static", "-nostdlib");
      try {
        return Outcome.bare(new ProcessBuilder(program.toString())).exitValue() == 10;
      } catch (UncheckedIOException e) {
        // ENOEXEC.
        return false;
      }
    }
  }

  private static final class Library {
    static final boolean IS_THERE = isFound();

    private static boolean isFound() {
      // What gcc does not find, it names as it was asked.
      ProcessBuilder gcc = new ProcessBuilder("gcc", "-m32", "-print-file-name=libc.a");
      return Outcome.bare(gcc).stdout().startsWith("/");
    }
  }
}
