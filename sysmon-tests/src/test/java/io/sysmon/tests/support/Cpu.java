package io.sysmon.tests.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.decode.SyscallNumbers;
import io.sysmon.decode.SyscallTable;

/** The CPU that the tests and their guests run on. */
public enum Cpu {
  X86_64("amd64"),
  AARCH64("aarch64");

  private static final Cpu CURRENT = find();

  private final String osArch;

  Cpu(String osArch) {
    this.osArch = osArch;
  }

  private static Cpu find() {
    for (Cpu cpu : values()) {
      if (cpu.osArch.equals(System.getProperty("os.arch"))) {
        return cpu;
      }
    }
    throw new AssertionError("The tests do not know " + System.getProperty("os.arch"));
  }

  /** The one. */
  public static Cpu current() {
    return CURRENT;
  }

  /** What is to be expected: the one or the other. */
  public static <T> T choose(T onX86, T onAarch64) {
    return CURRENT == X86_64 ? onX86 : onAarch64;
  }

  /** Skips a test of what other CPUs do not have. */
  public void assume() {
    assumeTrue(CURRENT == this, "only " + abi() + " has this");
  }

  /** The name of its native ABI. */
  public String abi() {
    return this == X86_64 ? "x86_64" : "aarch64";
  }

  private static SyscallNumbers numbers() {
    return SyscallTable.get().abi(CURRENT.abi());
  }

  /** A native call's number. */
  public static int number(String call) {
    int number = numbers().number(call);
    if (number < 0) {
      throw new IllegalArgumentException(CURRENT.abi() + " has no " + call);
    }
    return number;
  }

  /** Skips a test of a call that this CPU does not have. */
  public static void assumeHas(String call) {
    assumeTrue(numbers().number(call) >= 0, CURRENT.abi() + " has no " + call);
  }
}
