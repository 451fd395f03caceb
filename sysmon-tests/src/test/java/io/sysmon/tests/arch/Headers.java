package io.sysmon.tests.arch;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's headers for one CPU, on whatever machine: compiled for it in a syntax check only, by
 * the host's compiler. Both have the sizes and alignments that those of the host have.
 */
enum Headers {
  X86_64("x86_64-linux-gnu", "-m64"),
  I386("x86_64-linux-gnu", "-m32"),
  AARCH64("aarch64-linux-gnu", "-m64");

  private static final String HOST = System.getProperty("os.arch").replace("amd64", "x86_64");

  private final String triplet;
  private final String width;

  Headers(String triplet, String width) {
    this.triplet = triplet;
    this.width = width;
  }

  /** Skips the test where they are not installed, or the host's CPU has no such sizes. */
  void assume() {
    assumeTrue(!directories().isEmpty(), "no kernel headers for " + this);
    assumeTrue(this != I386 || HOST.equals("x86_64"), "32-bit sizes are an x86 compiler's");
  }

  /** As packages for the machine itself and those for cross compilation have them. */
  private List<Path> directories() {
    Path cross = Path.of("/usr", triplet, "include");
    if (Files.exists(cross.resolve("asm/ptrace.h"))) {
      return List.of(cross);
    }
    Path own = Path.of("/usr/include", triplet);
    return Files.exists(own.resolve("asm/ptrace.h"))
        ? List.of(own, Path.of("/usr/include"))
        : List.of();
  }

  /**
   * Compiles a source.
   *
   * @return what the compiler has to say against it
   */
  String objections(String source) {
    List<String> command = new ArrayList<>(List.of("gcc", "-fsyntax-only", "-w", "-nostdinc"));
    if (HOST.equals("x86_64")) {
      command.add(width);
    }
    for (Path directory : directories()) {
      command.addAll(List.of("-isystem", directory.toString()));
    }
    try {
      Path file = Files.createTempFile("headers", ".c");
      try {
        Files.writeString(file, source);
        command.add(file.toString());
        return Outcome.bare(new ProcessBuilder(command)).stderr();
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
