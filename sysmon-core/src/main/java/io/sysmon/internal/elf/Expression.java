package io.sysmon.internal.elf;

import java.util.Arrays;

/** Evaluates an expression of DWARF (version 5, 2.5), as far as frames need them. Once. */
final class Expression {
  private static final int MOST_STEPS = 1_000;
  private static final int LITERAL_0 = 0x30;
  private static final int LITERAL_31 = 0x4f;
  private static final int BASE_0 = 0x70;
  private static final int BASE_31 = 0x8f;

  private final Cursor code;
  private final Frame frame;
  private final Words memory;
  private long[] stack = new long[16];
  private int depth;

  Expression(Cursor code, Frame frame, Words memory) {
    this.code = code.copy();
    this.frame = frame;
    this.memory = memory;
  }

  Expression push(long value) {
    if (depth == stack.length) {
      stack = Arrays.copyOf(stack, 2 * depth);
    }
    stack[depth++] = value;
    return this;
  }

  private long pop() throws NoUnwindException {
    long value = top(0);
    depth--;
    return value;
  }

  private long top(int below) throws NoUnwindException {
    if (below >= depth) {
      throw new NoUnwindException("An expression's stack is empty");
    }
    return stack[depth - 1 - below];
  }

  long value() throws NoUnwindException {
    for (int steps = 0; code.hasMore(); steps++) {
      if (steps == MOST_STEPS) {
        throw new NoUnwindException("An expression does not end");
      }
      execute(code.u8());
    }
    return pop();
  }

  private void execute(int operation) throws NoUnwindException {
    if (operation >= LITERAL_0 && operation <= LITERAL_31) {
      push(operation - LITERAL_0);
    } else if (operation >= BASE_0 && operation <= BASE_31) {
      push(frame.register(operation - BASE_0) + code.sleb());
    } else {
      switch (operation) {
        case 0x03, 0x0e, 0x0f -> push(code.s64()); // addr, const8u, const8s
        case 0x06 -> push(memory.word(pop())); // deref
        case 0x08 -> push(code.u8());
        case 0x09 -> push((byte) code.u8());
        case 0x0a -> push(code.u16());
        case 0x0b -> push((short) code.u16());
        case 0x0c -> push(code.u32());
        case 0x0d -> push(code.s32());
        case 0x10 -> push(code.uleb());
        case 0x11 -> push(code.sleb());
        case 0x12 -> push(top(0)); // dup
        case 0x13 -> pop(); // drop
        case 0x14 -> push(top(1)); // over
        case 0x15 -> push(top(code.u8())); // pick
        case 0x16 -> swap();
        case 0x19 -> push(Math.abs(pop()));
        case 0x1f -> push(-pop());
        case 0x20 -> push(~pop());
        case 0x23 -> push(pop() + code.uleb()); // plus_uconst
        case 0x28 -> branch(pop() != 0); // bra
        case 0x2f -> branch(true); // skip
        case 0x92 -> push(frame.register((int) code.uleb()) + code.sleb()); // bregx
        case 0x96 -> {} // nop
        default -> binary(operation);
      }
    }
  }

  private void swap() throws NoUnwindException {
    long first = pop();
    long second = pop();
    push(first).push(second);
  }

  private void branch(boolean taken) throws NoUnwindException {
    short distance = (short) code.u16();
    if (taken) {
      code.skip(distance);
    }
  }

  private void binary(int operation) throws NoUnwindException {
    long right = pop();
    long left = pop();
    push(
        switch (operation) {
          case 0x1a -> left & right;
          case 0x1c -> left - right;
          case 0x1e -> left * right;
          case 0x21 -> left | right;
          case 0x22 -> left + right;
          case 0x24 -> left << right;
          case 0x25 -> left >>> right;
          case 0x26 -> left >> right;
          case 0x27 -> left ^ right;
          case 0x29 -> truth(left == right);
          case 0x2a -> truth(left >= right);
          case 0x2b -> truth(left > right);
          case 0x2c -> truth(left <= right);
          case 0x2d -> truth(left < right);
          case 0x2e -> truth(left != right);
          default -> throw new NoUnwindException("An operation is not known");
        });
  }

  private static long truth(boolean holds) {
    return holds ? 1 : 0;
  }
}
