package io.sysmon.decode;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A system call that has been entered: its registers, and how much of it is printed. Made by {@link
 * SyscallFormatter#enter}, handed back at the exit. Belongs to one task; not thread-safe.
 */
public final class PendingCall {
  static final int REGISTERS = 6;

  private final SyscallSignature signature;
  private final long[] registers;
  private final long stackPointer;
  private final Map<String, Long> remembered = new HashMap<>();
  private final Map<String, String> texts = new HashMap<>();
  private int printed;
  private boolean halfPrinted;

  PendingCall(SyscallSignature signature, long[] arguments, long stackPointer) {
    this.signature = signature;
    this.stackPointer = stackPointer;
    registers = Arrays.copyOf(arguments, REGISTERS);
    for (int index = 0; index < REGISTERS; index++) {
      registers[index] = signature.layout().truncate(registers[index]);
    }
  }

  /** One that is printed as far as another, to be printed to its end. */
  PendingCall(PendingCall other) {
    this(other.signature, other.registers, other.stackPointer);
    remembered.putAll(other.remembered);
    printed = other.printed;
    halfPrinted = other.halfPrinted;
  }

  /**
   * The call.
   *
   * @return what it was formatted with; of a socketcall(2) and its like, the call that it makes
   */
  public SyscallSignature signature() {
    return signature;
  }

  /**
   * How many arguments are printed.
   *
   * @return after the entry, the number of arguments before the first one that the kernel fills
   */
  public int argumentsPrinted() {
    return printed;
  }

  long register(int index) {
    return registers[index];
  }

  /** The caller's stack pointer at the entry; 0 when it is not known. */
  long stackPointer() {
    return stackPointer;
  }

  void printed(int count, boolean half) {
    printed = count;
    halfPrinted = half;
  }

  /** Whether the argument after the printed ones has had its first part printed. */
  boolean isHalfPrinted() {
    return halfPrinted;
  }

  /** Keeps what an argument pointed to at the entry, for the exit. */
  void remember(Argument argument, long value) {
    remember(argument.name(), value);
  }

  void remember(String name, long value) {
    remembered.put(name, value);
  }

  /** Keeps the text of an argument as it was at the entry. */
  void rememberText(Argument argument, String text) {
    texts.put(argument.name(), text);
  }

  String rememberedText(Argument argument) {
    return texts.getOrDefault(argument.name(), "");
  }

  long remembered(Argument argument, long otherwise) {
    return remembered(argument.name(), otherwise);
  }

  long remembered(String name, long otherwise) {
    return remembered.getOrDefault(name, otherwise);
  }
}
