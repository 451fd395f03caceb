package io.sysmon.internal.elf;

import io.sysmon.internal.elf.FrameRow.Kind;
import io.sysmon.spi.DwarfRegisters;
import io.sysmon.spi.SignalFrame;
import java.util.BitSet;

/**
 * The registers of a function that is being executed, or that has called one, as far as they are
 * known. Immutable.
 */
public final class Frame {
  /** How far from the stack pointer a frame pointer may point to be taken for one: libunwind's. */
  private static final long MOST_DISTANCE = 0x4000;

  private final DwarfRegisters numbers;
  private final long address;
  private final boolean returning;
  private final long[] registers;
  private final BitSet known;

  private Frame(
      DwarfRegisters numbers, long address, boolean returning, long[] registers, BitSet known) {
    this.numbers = numbers;
    this.address = address;
    this.returning = returning;
    this.registers = registers;
    this.known = known;
  }

  /**
   * The innermost frame.
   *
   * @param address the instruction pointer
   * @param registers by their numbers
   */
  public static Frame innermost(DwarfRegisters numbers, long address, long[] registers) {
    BitSet known = new BitSet();
    known.set(0, registers.length);
    return new Frame(numbers, address, false, registers.clone(), known);
  }

  /** Where it goes on. */
  public long address() {
    return address;
  }

  /**
   * An address within the instruction that it is at: a call that is a function's last instruction
   * returns to where another one begins.
   */
  public long codeAddress() {
    return returning ? address - 1 : address;
  }

  long register(int number) throws NoUnwindException {
    if (!known.get(number)) {
      throw new NoUnwindException("A register is not known");
    }
    return registers[number];
  }

  /**
   * The caller's frame, by the rules for this one.
   *
   * @throws NoUnwindException when it has none, or it cannot be found
   */
  public Frame caller(FrameRow row, Words memory) throws NoUnwindException {
    long cfa = row.cfa(this, memory);
    long[] found = new long[registers.length];
    BitSet foundKnown = new BitSet();
    for (int number = 0; number < registers.length; number++) {
      Kind kind = row.kind(number);
      if (kind == Kind.UNSPECIFIED && number == numbers.stackPointer()) {
        found[number] = cfa;
      } else if (kind == Kind.UNDEFINED || (isInherited(kind) && !known.get(number))) {
        continue;
      } else {
        found[number] = row.value(number, cfa, this, memory);
      }
      foundKnown.set(number);
    }
    if (!foundKnown.get(row.returnAddress())) {
      throw new NoUnwindException("This is the outermost frame");
    }
    long next = found[row.returnAddress()] & numbers.addressMask();
    return new Frame(numbers, next, !row.isSignal(), found, foundKnown).after(this);
  }

  private static boolean isInherited(Kind kind) {
    return kind == Kind.UNSPECIFIED || kind == Kind.SAME;
  }

  /**
   * The caller's frame, if code without descriptions keeps frame pointers.
   *
   * @throws NoUnwindException when it does not
   */
  public Frame callerByFramePointer(Words memory) throws NoUnwindException {
    long stack = register(numbers.stackPointer());
    long frame = register(numbers.framePointer());
    if (Long.compareUnsigned(frame - stack, MOST_DISTANCE) > 0) {
      throw new NoUnwindException("There is no frame pointer");
    }
    long[] found = registers.clone();
    found[numbers.framePointer()] = memory.word(frame);
    found[numbers.stackPointer()] = frame + 2 * Long.BYTES;
    BitSet foundKnown = new BitSet();
    foundKnown.set(numbers.framePointer());
    foundKnown.set(numbers.stackPointer());
    long next = memory.word(frame + Long.BYTES) & numbers.addressMask();
    return new Frame(numbers, next, true, found, foundKnown).after(this);
  }

  /**
   * The frame of the function that a signal has interrupted, of the one that is the return from its
   * handler.
   *
   * @throws NoUnwindException when it cannot be found
   */
  public Frame interrupted(SignalFrame saved, Words memory) throws NoUnwindException {
    long begin = register(numbers.stackPointer()) + saved.registers();
    long[] found = new long[registers.length];
    for (int number = 0; number < found.length; number++) {
      found[number] = memory.word(begin + (long) number * Long.BYTES);
    }
    BitSet foundKnown = new BitSet();
    foundKnown.set(0, found.length);
    long next = memory.word(begin + (long) found.length * Long.BYTES);
    return new Frame(numbers, next, false, found, foundKnown).after(this);
  }

  /** Itself, unless it leads nowhere. */
  private Frame after(Frame callee) throws NoUnwindException {
    int stack = numbers.stackPointer();
    if (address == 0 || (address == callee.address && register(stack) == callee.register(stack))) {
      throw new NoUnwindException("There is no caller");
    }
    return this;
  }
}
