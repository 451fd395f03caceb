package io.sysmon.decode;

import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** futex(2): which arguments there are, and what they mean, depends on the operation. */
final class FutexPrinters {
  private static final int PRIVATE = 128;
  private static final int CLOCK_REALTIME = 256;
  private static final int COMMAND_MASK = ~(PRIVATE | CLOCK_REALTIME);

  private static final int WAIT = 0;
  private static final int FD = 2;
  private static final int REQUEUE = 3;
  private static final int CMP_REQUEUE = 4;
  private static final int WAKE_OP = 5;
  private static final int LOCK_PI = 6;
  private static final int UNLOCK_PI = 7;
  private static final int TRYLOCK_PI = 8;
  private static final int WAIT_BITSET = 9;
  private static final int WAKE_BITSET = 10;
  private static final int WAIT_REQUEUE_PI = 11;
  private static final int CMP_REQUEUE_PI = 12;
  private static final int LOCK_PI2 = 13;

  private static final Set<Integer> WITHOUT_VALUE =
      Set.of(LOCK_PI, LOCK_PI2, UNLOCK_PI, TRYLOCK_PI);
  private static final Set<Integer> WITH_TIMEOUT =
      Set.of(WAIT, LOCK_PI, LOCK_PI2, WAIT_BITSET, WAIT_REQUEUE_PI);
  private static final Set<Integer> WITH_COUNT =
      Set.of(REQUEUE, CMP_REQUEUE, WAKE_OP, CMP_REQUEUE_PI);
  private static final Set<Integer> WITH_SECOND_ADDRESS =
      Set.of(REQUEUE, CMP_REQUEUE, WAKE_OP, WAIT_REQUEUE_PI, CMP_REQUEUE_PI);
  private static final Set<Integer> WITH_THIRD_VALUE =
      Set.of(CMP_REQUEUE, WAKE_OP, WAIT_BITSET, WAKE_BITSET, CMP_REQUEUE_PI);

  private FutexPrinters() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("futex_op", (c, a) -> operation(c, c.intValue(a)));
    printers.put("futex_val", skippable(FutexPrinters::hasValue, FutexPrinters::value));
    printers.put("futex_timeout", skippable(FutexPrinters::hasFourth, FutexPrinters::fourth));
    printers.put(
        "futex_uaddr2",
        skippable(WITH_SECOND_ADDRESS::contains, (c, a) -> c.address(c.register(a))));
    printers.put("futex_val3", skippable(WITH_THIRD_VALUE::contains, FutexPrinters::third));
  }

  /** Printers of {@code struct futex_waitv}: {@code val 0:8 uaddr 8:8 flags 16 reserved 20}. */
  static void registerTypes(Map<String, PointedPrinter> types) {
    types.put(
        "futex_waitv",
        new FixedStruct(
            abi -> 24,
            (c, s) ->
                new FieldText(c)
                    .hex("val", s.i64(0))
                    .value("uaddr", text -> text.wideAddress(s.i64(8)))
                    .flags("flags", "futex_waiter", s.u32(16))
                    .hexIfSet("__reserved", s.u32(20))
                    .end()));
  }

  private static void operation(PrintContext context, int operation) {
    ConstantSet names = context.constants.get("futex_op");
    int command = operation & COMMAND_MASK;
    if (!names.isName(command)) {
      names.appendValue(context.out, Integer.toUnsignedLong(operation));
      return;
    }
    names.appendValue(context.out, command);
    context.out.append((operation & PRIVATE) != 0 ? "_PRIVATE" : "");
    context.out.append((operation & CLOCK_REALTIME) != 0 ? "|FUTEX_CLOCK_REALTIME" : "");
  }

  private static boolean hasValue(int command) {
    return !WITHOUT_VALUE.contains(command);
  }

  private static void value(PrintContext context, Argument argument) {
    context.out.append(Integer.toUnsignedLong(context.intValue(argument)));
  }

  private static boolean hasFourth(int command) {
    return WITH_TIMEOUT.contains(command) || WITH_COUNT.contains(command);
  }

  /** The register of the timeout holds a number when the operation moves waiters. */
  private static void fourth(PrintContext context, Argument argument) {
    if (WITH_COUNT.contains(command(context, argument))) {
      value(context, argument);
    } else {
      context.printPointed(argument.kind(), context.register(argument));
    }
  }

  private static void third(PrintContext context, Argument argument) {
    int value = context.intValue(argument);
    int command = command(context, argument);
    if (command == WAKE_OP) {
      wakeOperation(context, value);
    } else if (value == -1 && (command == WAIT_BITSET || command == WAKE_BITSET)) {
      context.out.append("FUTEX_BITSET_MATCH_ANY");
    } else if (command == WAIT_BITSET || command == WAKE_BITSET) {
      context.hex(Integer.toUnsignedLong(value));
    } else {
      context.out.append(Integer.toUnsignedLong(value));
    }
  }

  /** {@code op 28:4 cmp 24:4 oparg 12:12 cmparg 0:12}. */
  private static void wakeOperation(PrintContext context, int value) {
    if ((value & 0x8000_0000) != 0) {
      context.out.append("FUTEX_OP_OPARG_SHIFT<<28|");
    }
    shifted(context, "futex_wake_op", value >>> 28 & 7, "<<28");
    context.out.append('|');
    context.hex(value >>> 12 & 0xfff);
    context.out.append("<<12|");
    shifted(context, "futex_wake_cmp", value >>> 24 & 15, "<<24");
    context.out.append('|');
    context.hex(value & 0xfff);
  }

  /** A name and a shift; the comment of a value without a name comes last. */
  private static void shifted(PrintContext context, String set, int value, String shift) {
    StringBuilder text = new StringBuilder();
    context.constants.get(set).appendValue(text, value);
    int comment = text.indexOf(" ");
    text.insert(comment < 0 ? text.length() : comment, shift);
    context.out.append(text);
  }

  private static int command(PrintContext context, Argument argument) {
    return (int) context.reference(argument.kind(), "by", 0) & COMMAND_MASK;
  }

  /** An argument that some operations do not have, while later ones may be there. */
  private static ArgumentPrinter skippable(IntPredicate has, ArgumentPrinter printer) {
    return new ArgumentPrinter() {
      @Override
      public void print(PrintContext context, Argument argument) {
        printer.print(context, argument);
      }

      @Override
      public boolean isSkipped(PrintContext context, Argument argument) {
        int command = command(context, argument);
        boolean known = command >= WAIT && command <= LOCK_PI2 && command != FD;
        return known ? !has.test(command) : argument.register() > 2;
      }
    };
  }
}
