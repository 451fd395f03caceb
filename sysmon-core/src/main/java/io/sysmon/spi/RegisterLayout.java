package io.sysmon.spi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the general registers are in the bytes that ptrace gives of a native tracee, and which of
 * them carry a system call's number and result; a {@link SyscallConvention} has its arguments. All
 * are 64 bits wide, in the machine's byte order. Immutable.
 */
public final class RegisterLayout {
  private final Map<String, Integer> offsets;
  private final int size;
  private final int instructionPointer;
  private final int stackPointer;
  private final int callNumber;
  private final int enteredNumber;
  private final int result;

  private RegisterLayout(Builder builder) {
    offsets = Map.copyOf(builder.offsets);
    size = builder.offsets.size() * Long.BYTES;
    instructionPointer = offset(builder.instructionPointer);
    stackPointer = offset(builder.stackPointer);
    callNumber = offset(builder.callNumber);
    enteredNumber = offset(builder.enteredNumber);
    result = offset(builder.result);
  }

  /**
   * Starts a layout.
   *
   * @param names every register in memory order, without gaps
   * @return a builder
   */
  public static Builder inOrder(String... names) {
    return new Builder(List.of(names));
  }

  /**
   * The offset of a register.
   *
   * @param name its name, as in the kernel's structure
   * @return bytes from the start of the set
   * @throws IllegalArgumentException when there is no such register
   */
  public int offset(String name) {
    Integer offset = offsets.get(name);
    if (offset == null) {
      throw new IllegalArgumentException(
          "No register is named '" + name + "'; there are " + offsets.keySet());
    }
    return offset;
  }

  /**
   * The names of the registers.
   *
   * @return an immutable set
   */
  public Set<String> names() {
    return offsets.keySet();
  }

  /**
   * The size of the whole set.
   *
   * @return bytes
   */
  public int size() {
    return size;
  }

  /**
   * The instruction pointer's offset.
   *
   * @return bytes from the start of the set
   */
  public int instructionPointer() {
    return instructionPointer;
  }

  /**
   * The stack pointer's offset.
   *
   * @return bytes from the start of the set
   */
  public int stackPointer() {
    return stackPointer;
  }

  /**
   * The offset of the register that holds the number when the system call instruction is executed.
   *
   * @return bytes from the start of the set
   */
  public int callNumber() {
    return callNumber;
  }

  /**
   * The offset of the register that shows the number once the call has been entered. Writing −1
   * there, outside a call, tells the kernel that there is none to restart.
   *
   * @return bytes from the start of the set
   */
  public int enteredNumber() {
    return enteredNumber;
  }

  /**
   * The offset of the register that the result comes in.
   *
   * @return bytes from the start of the set
   */
  public int result() {
    return result;
  }

  /** Names which register does what. */
  public static final class Builder {
    private final Map<String, Integer> offsets = new LinkedHashMap<>();
    private String instructionPointer = "";
    private String stackPointer = "";
    private String callNumber = "";
    private String enteredNumber = "";
    private String result = "";

    private Builder(List<String> names) {
      for (String name : names) {
        if (offsets.put(name, offsets.size() * Long.BYTES) != null) {
          throw new IllegalArgumentException("Register '" + name + "' is named twice");
        }
      }
    }

    /**
     * Names the pointers.
     *
     * @param instruction the instruction pointer
     * @param stack the stack pointer
     * @return this builder
     */
    public Builder pointers(String instruction, String stack) {
      instructionPointer = instruction;
      stackPointer = stack;
      return this;
    }

    /**
     * Names the registers of a system call's number.
     *
     * @param atCall where the program puts it
     * @param onceEntered where the kernel shows it after entry
     * @return this builder
     */
    public Builder number(String atCall, String onceEntered) {
      callNumber = atCall;
      enteredNumber = onceEntered;
      return this;
    }

    /**
     * Names the register of a system call's result.
     *
     * @param register its name
     * @return this builder
     */
    public Builder result(String register) {
      result = register;
      return this;
    }

    /**
     * Builds the layout.
     *
     * @return the layout
     * @throws IllegalArgumentException when a role has no register, or one that was not listed
     */
    public RegisterLayout build() {
      return new RegisterLayout(this);
    }
  }
}
