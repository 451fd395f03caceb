package io.sysmon.decode;

import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** Printers of pointers to numbers: {@code [3]}, {@code [1, 2, 3]}. */
final class NumberPrinters {
  private NumberPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("int", number(4, s -> (long) s.i32(0), (c, n) -> c.out.append(n)));
    types.put("uint", number(4, s -> s.u32(0), (c, n) -> c.out.append(n)));
    types.put("uid", number(4, s -> RegisterValues.id(s.i32(0)), (c, n) -> c.out.append(n)));
    types.put("gid", number(4, s -> RegisterValues.id(s.i32(0)), (c, n) -> c.out.append(n)));
    types.put("uid16", number(2, s -> RegisterValues.id16(s.u16(0)), (c, n) -> c.out.append(n)));
    types.put("off", word(s -> s.signedWord(0), (c, n) -> c.out.append(n)));
    types.put("size", word(s -> s.word(0), (c, n) -> c.out.append(Long.toUnsignedString(n))));
    types.put("ptr", word(s -> s.word(0), PrintContext::address));
    types.put("loff", number(8, s -> s.i64(0), (c, n) -> c.out.append(n)));
    types.put("u64", number(8, s -> s.i64(0), (c, n) -> c.out.append(Long.toUnsignedString(n))));
    types.put("u64hex", number(8, s -> s.i64(0), PrintContext::hex));
    types.put("fdpair", new FixedStruct(abi -> 8, NumberPrinters::descriptors, PAIR));
  }

  private static final ValueReader<Long> PAIR =
      ValueReader.many(
          Long.class, (c, k, a) -> ValueReader.array(c, a, 2, 4, s -> (long) s.i32(0)));

  private static void descriptors(PrintContext context, StructBytes pair) {
    context.out.append('[');
    context.descriptor(pair.i32(0));
    context.out.append(", ");
    context.descriptor(pair.i32(4));
    context.out.append(']');
  }

  private static PointedPrinter number(
      int size, Function<StructBytes, Long> value, BiConsumer<PrintContext, Long> text) {
    return number(abi -> size, value, text);
  }

  private static PointedPrinter word(
      Function<StructBytes, Long> value, BiConsumer<PrintContext, Long> text) {
    return number(AbiLayout::wordSize, value, text);
  }

  private static PointedPrinter number(
      ToIntFunction<AbiLayout> size,
      Function<StructBytes, Long> value,
      BiConsumer<PrintContext, Long> text) {
    return FixedStruct.scalar(Long.class, size, value, text);
  }
}
