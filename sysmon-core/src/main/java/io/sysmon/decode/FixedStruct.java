package io.sysmon.decode;

import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A structure of fixed size, or with {@code n=} in its kind an array of such structures.
 *
 * @param size its size in an ABI
 * @param fields appends one structure
 * @param reader reads it as a value; null when it is only printed
 */
record FixedStruct(
    ToIntFunction<AbiLayout> size,
    BiConsumer<PrintContext, StructBytes> fields,
    @Nullable ValueReader<?> reader)
    implements PointedPrinter {

  /** A structure that is only printed. */
  FixedStruct(ToIntFunction<AbiLayout> size, BiConsumer<PrintContext, StructBytes> fields) {
    this(size, fields, null);
  }

  /**
   * A structure that is a value, and printed from it.
   *
   * @param value decodes one structure
   * @param text appends what was decoded
   */
  static <T> FixedStruct of(
      Class<T> type,
      ToIntFunction<AbiLayout> size,
      Function<StructBytes, T> value,
      BiConsumer<PrintContext, T> text) {
    return new FixedStruct(
        size,
        (context, bytes) -> text.accept(context, value.apply(bytes)),
        reader(type, size, value));
  }

  /** Reads one value, or with {@code n=} in the kind a list of them. */
  static <T> ValueReader<T> reader(
      Class<T> type, ToIntFunction<AbiLayout> size, Function<StructBytes, T> value) {
    return new ValueReader<>(
        type,
        kind -> kind.reference("n") != null,
        (context, kind, address) -> {
          long count = kind.reference("n") == null ? 1 : context.count(kind, "n");
          return ValueReader.array(context, address, count, size.applyAsInt(context.abi), value);
        });
  }

  /** An element whose text stands in brackets also when there is only one, such as {@code [3]}. */
  static <T> PointedPrinter scalar(
      Class<T> type,
      ToIntFunction<AbiLayout> size,
      Function<StructBytes, T> value,
      BiConsumer<PrintContext, T> text) {
    FixedStruct elements = of(type, size, value, text);
    return new TypedPrinter(
        (context, kind, address) -> {
          long count = kind.reference("n") == null ? 1 : context.reference(kind, "n", 1);
          elements.array(context, address, count);
        },
        elements.reader());
  }

  @Override
  public void print(PrintContext context, Kind kind, long address) {
    if (kind.reference("n") != null) {
      array(context, address, context.reference(kind, "n", 0));
      return;
    }
    StructBytes bytes = context.struct(address, size.applyAsInt(context.abi));
    if (bytes == null) {
      context.address(address);
    } else {
      fields.accept(context, bytes);
    }
  }

  /** Appends {@code [element, element]}, or the address when there is no first element. */
  void array(PrintContext context, long address, long count) {
    int stride = size.applyAsInt(context.abi);
    if (address == 0 || (count != 0 && context.struct(address, stride) == null)) {
      context.address(address);
      return;
    }
    context.out.append('[');
    for (long index = 0; index != count; index++) {
      context.out.append(index == 0 ? "" : ", ");
      if (context.isAbbreviatedAt(index)) {
        context.out.append("...");
        break;
      }
      StructBytes element = context.struct(address + index * stride, stride);
      if (element == null) {
        context.out.append("... /* ");
        context.address(address + index * stride);
        context.out.append(" */");
        break;
      }
      fields.accept(context, element);
    }
    context.out.append(']');
  }
}
