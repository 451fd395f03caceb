package io.sysmon.internal.elf;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rules that hold at one place in the code: where the canonical frame address is (the stack
 * pointer before the call), and what the caller's registers are.
 */
public final class FrameRow {
  /** Registers beyond are of no use here: vectors, and what has no general register's number. */
  private static final int REGISTERS = 64;

  /** How a register of the caller is found (DWARF 5, 6.4.1). */
  enum Kind {
    /** Nothing is said: as {@link #SAME}, but for the stack pointer, which is the CFA. */
    UNSPECIFIED,
    /** It cannot be found. A return address that cannot ends the stack. */
    UNDEFINED,
    /** It has not been changed. */
    SAME,
    /** It lies at an offset from the CFA. */
    OFFSET,
    /** It is the CFA plus an offset. */
    VALUE_OFFSET,
    /** It is in another register. */
    REGISTER,
    /** It lies where an expression tells. */
    EXPRESSION,
    /** It is what an expression tells. */
    VALUE_EXPRESSION
  }

  private final int returnAddress;
  private final boolean signal;
  private final Kind[] kinds;
  private final long[] values;
  private final @Nullable Cursor[] expressions;
  private int cfaRegister = REGISTERS;
  private long cfaOffset;
  private @Nullable Cursor cfaExpression;

  FrameRow(int returnAddress, boolean signal) {
    this.returnAddress = returnAddress;
    this.signal = signal;
    kinds = new Kind[REGISTERS];
    Arrays.fill(kinds, Kind.UNSPECIFIED);
    values = new long[REGISTERS];
    expressions = new Cursor[REGISTERS];
  }

  private FrameRow(FrameRow other) {
    returnAddress = other.returnAddress;
    signal = other.signal;
    kinds = other.kinds.clone();
    values = other.values.clone();
    expressions = other.expressions.clone();
    cfaRegister = other.cfaRegister;
    cfaOffset = other.cfaOffset;
    cfaExpression = other.cfaExpression;
  }

  FrameRow copy() {
    return new FrameRow(this);
  }

  void set(int register, Kind kind, long value) {
    if (register < REGISTERS) {
      kinds[register] = kind;
      values[register] = value;
    }
  }

  void set(int register, Kind kind, Cursor expression) {
    if (register < REGISTERS) {
      kinds[register] = kind;
      expressions[register] = expression;
    }
  }

  void restore(int register, FrameRow initial) {
    if (register < REGISTERS) {
      kinds[register] = initial.kinds[register];
      values[register] = initial.values[register];
      expressions[register] = initial.expressions[register];
    }
  }

  void setCfa(int register, long offset) {
    cfaExpression = null;
    cfaRegister = register;
    cfaOffset = offset;
  }

  void setCfaRegister(int register) {
    cfaExpression = null;
    cfaRegister = register;
  }

  void setCfaOffset(long offset) {
    cfaOffset = offset;
  }

  void setCfa(Cursor expression) {
    cfaExpression = expression;
  }

  /** Whether the caller was interrupted at its address by a signal, and did not call. */
  public boolean isSignal() {
    return signal;
  }

  /** The column of the return address. */
  public int returnAddress() {
    return returnAddress;
  }

  /** The canonical frame address. */
  long cfa(Frame frame, Words memory) throws NoUnwindException {
    return cfaExpression == null
        ? frame.register(cfaRegister) + cfaOffset
        : new Expression(cfaExpression, frame, memory).value();
  }

  /** The rule for a register. */
  Kind kind(int register) {
    return register < REGISTERS ? kinds[register] : Kind.UNSPECIFIED;
  }

  /** What the caller has in a register that has a rule. */
  long value(int register, long cfa, Frame frame, Words memory) throws NoUnwindException {
    return switch (kinds[register]) {
      case UNSPECIFIED, SAME -> frame.register(register);
      case UNDEFINED -> throw new NoUnwindException("A register is not to be found");
      case OFFSET -> memory.word(cfa + values[register]);
      case VALUE_OFFSET -> cfa + values[register];
      case REGISTER -> frame.register((int) values[register]);
      case EXPRESSION -> memory.word(expression(register, frame, memory, cfa));
      case VALUE_EXPRESSION -> expression(register, frame, memory, cfa);
    };
  }

  private long expression(int register, Frame frame, Words memory, long cfa)
      throws NoUnwindException {
    Cursor expression = expressions[register];
    if (expression == null) {
      throw new NoUnwindException("There is no expression");
    }
    return new Expression(expression, frame, memory).push(cfa).value();
  }
}
