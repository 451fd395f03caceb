package io.sysmon.decode;

import io.sysmon.Signal;
import java.util.Map;

/** Printers of signal sets, dispositions and what a signal carries. */
final class SignalPrinters {
  private static final int SIG_PREFIX = 3;
  private static final long SA_RESTORER = 0x0400_0000L;
  private static final int SIGSET_SIZE = 8;

  private SignalPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("sigset", SignalPrinters::pointedSet);
    types.put("old_sigset", new FixedStruct(abi -> 4, (c, s) -> set(c, s.u32(0), 32)));
    types.put("sigset_argpack", SignalPrinters::argpack);
    types.put("sigaction", new FixedStruct(SignalPrinters::actionSize, SignalPrinters::action));
    types.put("old_sigaction", new FixedStruct(abi -> 16, SignalPrinters::oldAction));
    types.put("stack", new FixedStruct(abi -> 3 * abi.wordSize(), SignalPrinters::stack));
    types.put("siginfo", new FixedStruct(abi -> 128, SigInfoText::print));
  }

  /** {@code [INT CHLD]}, or {@code ~[KILL]} when most are in. */
  static void set(PrintContext context, long bits, int size) {
    long all = size == 64 ? -1L : (1L << size) - 1;
    boolean inverted = Long.bitCount(bits & all) >= size * 2 / 3;
    long shown = inverted ? ~bits & all : bits & all;
    StringBuilder out = context.out.append(inverted ? "~[" : "[");
    String separator = "";
    for (int number = 1; number <= size; number++) {
      if ((shown >>> (number - 1) & 1) != 0) {
        out.append(separator).append(Signal.of(number).name(), SIG_PREFIX, nameLength(number));
        separator = " ";
      }
    }
    out.append(']');
  }

  private static int nameLength(int number) {
    return Signal.of(number).name().length();
  }

  static void handler(PrintContext context, long address) {
    if (address == 0) {
      context.out.append("SIG_DFL");
    } else if (address == 1) {
      context.out.append("SIG_IGN");
    } else if (context.abi.truncate(address) == context.abi.truncate(-1)) {
      context.out.append("SIG_ERR");
    } else {
      context.address(address);
    }
  }

  private static void pointedSet(PrintContext context, Kind kind, long address) {
    long size = context.reference(kind, "size", SIGSET_SIZE);
    StructBytes bytes = size == SIGSET_SIZE ? context.struct(address, SIGSET_SIZE) : null;
    if (bytes == null) {
      context.address(address);
    } else {
      set(context, bytes.i64(0), 64);
    }
  }

  /** The sixth argument of pselect6(2): a pointer to a set and the set's size. */
  private static void argpack(PrintContext context, Kind kind, long address) {
    int word = context.abi.wordSize();
    StructBytes pack = context.struct(address, 2 * word);
    if (pack == null) {
      context.address(address);
      return;
    }
    context.out.append("{sigmask=");
    StructBytes set =
        pack.word(word) == SIGSET_SIZE ? context.struct(pack.word(0), SIGSET_SIZE) : null;
    if (set == null) {
      context.address(pack.word(0));
    } else {
      set(context, set.i64(0), 64);
    }
    context.out.append(", sigsetsize=").append(Long.toUnsignedString(pack.word(word))).append('}');
  }

  private static int actionSize(AbiLayout abi) {
    return 3 * abi.wordSize() + SIGSET_SIZE;
  }

  private static void action(PrintContext context, StructBytes action) {
    int word = context.abi.wordSize();
    action(context, action, action.word(word), action.i64(3 * word), 64, action.word(2 * word));
  }

  /** i386's first sigaction(2): the mask comes before the flags and has 32 bits. */
  private static void oldAction(PrintContext context, StructBytes action) {
    action(context, action, action.u32(8), action.u32(4), 32, action.u32(12));
  }

  private static void action(
      PrintContext context, StructBytes action, long flags, long mask, int signals, long restorer) {
    context.out.append("{sa_handler=");
    handler(context, action.word(0));
    context.out.append(", sa_mask=");
    set(context, mask, signals);
    context.out.append(", sa_flags=");
    context.flags("sa_flags", flags & 0xffff_ffffL);
    if ((flags & SA_RESTORER) != 0) {
      context.out.append(", sa_restorer=");
      context.address(restorer);
    }
    context.out.append('}');
  }

  private static void stack(PrintContext context, StructBytes stack) {
    int word = context.abi.wordSize();
    context.out.append("{ss_sp=");
    context.address(stack.word(0));
    context.out.append(", ss_flags=");
    context.flags("ss_flags", stack.u32(word));
    context
        .out
        .append(", ss_size=")
        .append(Long.toUnsignedString(stack.word(2 * word)))
        .append('}');
  }
}
