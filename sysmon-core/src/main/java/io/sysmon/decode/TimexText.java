package io.sysmon.decode;

import java.util.Map;

/** Printers of {@code struct timex}, adjtimex(2). */
final class TimexText {
  private TimexText() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("timex", new FixedStruct(abi -> size(slot(abi)), (c, s) -> print(c, s, slot(c.abi))));
    types.put("timex64", new FixedStruct(abi -> size(8), (c, s) -> print(c, s, 8)));
  }

  /** x32 has that of x86_64. */
  private static int slot(AbiLayout abi) {
    return abi.registerSize();
  }

  /** At the end there are eleven unused {@code int}s. */
  private static int size(int slot) {
    return 21 * slot + 10 * 4 + (slot == 8 ? 0 : 4);
  }

  /**
   * linux/timex.h: 21 fields, each in a slot of a word, the {@code int}s ({@code modes status shift
   * tai}) in its beginning.
   */
  private static void print(PrintContext context, StructBytes timex, int slot) {
    new FieldText(context)
        .flags("modes", "adjtimex_modes", timex.u32(0))
        .signed("offset", number(timex, slot, 1))
        .signed("freq", number(timex, slot, 2))
        .signed("maxerror", number(timex, slot, 3))
        .signed("esterror", number(timex, slot, 4))
        .flags("status", "adjtimex_status", timex.u32(5 * slot))
        .signed("constant", number(timex, slot, 6))
        .signed("precision", number(timex, slot, 7))
        .signed("tolerance", number(timex, slot, 8))
        .value("time", c -> time(c, number(timex, slot, 9), number(timex, slot, 10)))
        .signed("tick", number(timex, slot, 11))
        .signed("ppsfreq", number(timex, slot, 12))
        .signed("jitter", number(timex, slot, 13))
        .signed("shift", timex.i32(14 * slot))
        .signed("stabil", number(timex, slot, 15))
        .signed("jitcnt", number(timex, slot, 16))
        .signed("calcnt", number(timex, slot, 17))
        .signed("errcnt", number(timex, slot, 18))
        .signed("stbcnt", number(timex, slot, 19))
        .signed("tai", timex.i32(20 * slot))
        .end();
  }

  private static void time(PrintContext context, long seconds, long microseconds) {
    context.out.append(new TimeVal(seconds, microseconds));
  }

  private static long number(StructBytes timex, int slot, int index) {
    return slot == 8 ? timex.i64(index * slot) : timex.i32(index * slot);
  }
}
