package io.sysmon.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How arguments of one kind, or what they point to, are read as values.
 *
 * @param type the values' class
 * @param isArray whether a kind is of any number of them
 * @param read reads them, and throws {@code BadAddressException} where that cannot be
 */
record ValueReader<T>(Class<T> type, Predicate<Kind> isArray, Read<T> read) {
  /** Reads what the register of an argument, or the memory that it points to, has. */
  @FunctionalInterface
  interface Read<T> {
    List<T> from(CallContext context, Kind kind, long register);
  }

  /** One value. */
  @FunctionalInterface
  interface ReadOne<T> {
    T from(CallContext context, Kind kind, long register);
  }

  static <T> ValueReader<T> one(Class<T> type, ReadOne<T> read) {
    return new ValueReader<>(
        type,
        kind -> false,
        (context, kind, register) -> List.of(read.from(context, kind, register)));
  }

  static <T> ValueReader<T> many(Class<T> type, Read<T> read) {
    return new ValueReader<>(type, kind -> true, read);
  }

  /**
   * Structures one behind the other.
   *
   * @param count as the program says, which may be anything
   */
  static <T> List<T> array(
      CallContext context, long address, long count, int size, Function<StructBytes, T> value) {
    boolean fits = count >= 0 && count <= Integer.MAX_VALUE / size;
    byte[] bytes = context.require(address, fits ? count * size : -1);
    List<T> values = new ArrayList<>(bytes.length / size);
    for (int begin = 0; begin < bytes.length; begin += size) {
      values.add(value.apply(new StructBytes(bytes, begin, context.abi)));
    }
    return List.copyOf(values);
  }
}
