package io.sysmon.spi;

import java.util.Arrays;

/**
 * How a program makes a system call in one ABI, as far as a {@link RegisterLayout} does not say it:
 * by which instruction, and with the arguments in which registers. Immutable.
 */
public final class SyscallConvention {
  private static final int ARGUMENTS = 6;

  private final byte[] instruction;
  private final int[] arguments;

  /**
   * Describes a convention.
   *
   * @param layout where the registers are
   * @param instruction the bytes of the instruction
   * @param arguments the names of the six argument registers, in order
   * @throws IllegalArgumentException when there are not six, or one is not in the layout
   */
  public SyscallConvention(RegisterLayout layout, byte[] instruction, String... arguments) {
    if (arguments.length != ARGUMENTS) {
      throw new IllegalArgumentException("A system call has six arguments");
    }
    this.instruction = instruction.clone();
    this.arguments = Arrays.stream(arguments).mapToInt(layout::offset).toArray();
  }

  /**
   * The instruction that makes a system call. After an entry, the instruction pointer is behind
   * one, to which the kernel goes back when it restarts the call: of a call that a 32-bit x86
   * program made by {@code sysenter}, behind an {@code int 0x80} in the vdso.
   *
   * @return a copy of its bytes
   */
  public byte[] instruction() {
    return instruction.clone();
  }

  /**
   * The offset of an argument's register.
   *
   * @param index 0 to 5
   * @return bytes from the start of the register set
   */
  public int argument(int index) {
    return arguments[index];
  }
}
