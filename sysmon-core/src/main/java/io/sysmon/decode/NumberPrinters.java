package io.sysmon.decode;

import java.util.Map;
import java.util.function.BiConsumer;

/** Printers of pointers to numbers: {@code [3]}, {@code [1, 2, 3]}. */
final class NumberPrinters {
  private NumberPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("int", FixedStruct.scalar(abi -> 4, (c, s) -> c.out.append(s.i32(0))));
    types.put("uint", FixedStruct.scalar(abi -> 4, (c, s) -> c.out.append(s.u32(0))));
    types.put("uid", FixedStruct.scalar(abi -> 4, (c, s) -> ScalarPrinters.id(c, s.i32(0))));
    types.put("gid", FixedStruct.scalar(abi -> 4, (c, s) -> ScalarPrinters.id(c, s.i32(0))));
    types.put("uid16", FixedStruct.scalar(abi -> 2, (c, s) -> ScalarPrinters.id16(c, s.u16(0))));
    types.put("off", word((c, s) -> c.out.append(s.signedWord(0))));
    types.put("size", word((c, s) -> c.out.append(Long.toUnsignedString(s.word(0)))));
    types.put("ptr", word((c, s) -> c.address(s.word(0))));
    types.put("loff", FixedStruct.scalar(abi -> 8, (c, s) -> c.out.append(s.i64(0))));
    types.put("u64", FixedStruct.scalar(abi -> 8, (c, s) -> c.out.append(unsigned(s.i64(0)))));
    types.put("u64hex", FixedStruct.scalar(abi -> 8, (c, s) -> c.hex(s.i64(0))));
    types.put("fdpair", new FixedStruct(abi -> 8, NumberPrinters::descriptors));
  }

  private static void descriptors(PrintContext context, StructBytes pair) {
    context.out.append('[');
    context.descriptor(pair.i32(0));
    context.out.append(", ");
    context.descriptor(pair.i32(4));
    context.out.append(']');
  }

  private static PointedPrinter word(BiConsumer<PrintContext, StructBytes> element) {
    return FixedStruct.scalar(AbiLayout::wordSize, element);
  }

  private static String unsigned(long value) {
    return Long.toUnsignedString(value);
  }
}
