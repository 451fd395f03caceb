package io.sysmon.decode;

import java.util.function.BiConsumer;
import java.util.function.ToIntFunction;

/**
 * A structure of fixed size, or with {@code n=} in its kind an array of such structures.
 *
 * @param size its size in an ABI
 * @param fields appends one structure
 */
record FixedStruct(ToIntFunction<AbiLayout> size, BiConsumer<PrintContext, StructBytes> fields)
    implements PointedPrinter {

  /** An element whose text stands in brackets also when there is only one, such as {@code [3]}. */
  static PointedPrinter scalar(
      ToIntFunction<AbiLayout> size, BiConsumer<PrintContext, StructBytes> fields) {
    FixedStruct elements = new FixedStruct(size, fields);
    return (context, kind, address) -> {
      long count = kind.reference("n") == null ? 1 : context.reference(kind, "n", 1);
      elements.array(context, address, count);
    };
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

  private void array(PrintContext context, long address, long count) {
    int stride = size.applyAsInt(context.abi);
    if (address == 0 || (count != 0 && context.struct(address, stride) == null)) {
      context.address(address);
      return;
    }
    context.out.append('[');
    for (long index = 0; index != count; index++) {
      context.out.append(index == 0 ? "" : ", ");
      if (index == context.options.stringLimit()) {
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
