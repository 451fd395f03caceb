package io.sysmon.decode;

import io.sysmon.TraceeMemory.Iovec;
import java.util.List;
import java.util.Map;

/** Printers of {@code struct iovec}, readv(2): a word with the address and one with the length. */
final class IovecPrinters {
  private IovecPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("iovec", new TypedPrinter(IovecPrinters::print, READER));
    types.put(
        "iovec_addresses",
        new TypedPrinter((c, k, a) -> print(c, a, c.reference(k, "n", 0), NO_DATA), READER));
  }

  private static void print(PrintContext context, Kind kind, long address) {
    boolean failed = context.isExiting() && context.failed();
    long moved = failed ? NO_DATA : context.reference(kind, "len", Long.MAX_VALUE);
    print(context, address, context.reference(kind, "n", 0), moved);
  }

  private static final ValueReader<Iovec> READER =
      ValueReader.many(Iovec.class, (c, k, a) -> read(c, a, c.count(k, "n")));

  static List<Iovec> read(CallContext context, long address, long count) {
    int size = 2 * context.abi.wordSize();
    return ValueReader.array(context, address, count, size, IovecPrinters::element);
  }

  private static Iovec element(StructBytes iovec) {
    return new Iovec(iovec.word(0), iovec.word(iovec.abi().wordSize()));
  }

  /** The budget with which addresses are printed in place of the bytes. */
  static final long NO_DATA = -1;

  /**
   * Appends a vector.
   *
   * @param budget how many bytes the call moved in all: what is after them is no data
   */
  static void print(PrintContext context, long address, long count, long budget) {
    int word = context.abi.wordSize();
    if (address == 0 || (count != 0 && context.struct(address, 2 * word) == null)) {
      context.address(address);
      return;
    }
    StringBuilder out = context.out.append('[');
    long left = budget;
    for (long index = 0; index != count; index++) {
      out.append(index == 0 ? "" : ", ");
      long element = address + index * 2 * word;
      if (context.isAbbreviatedAt(index)) {
        out.append("...");
        break;
      }
      StructBytes bytes = context.struct(element, 2 * word);
      if (bytes == null) {
        out.append("... /* ");
        context.address(element);
        out.append(" */");
        break;
      }
      Iovec iovec = element(bytes);
      long length = iovec.length();
      out.append("{iov_base=");
      if (budget == NO_DATA) {
        context.address(iovec.address());
      } else {
        long shown = length < 0 ? left : Math.min(left, length);
        StringPrinters.buffer(context, iovec.address(), shown);
        left -= shown;
      }
      out.append(", iov_len=").append(Long.toUnsignedString(length)).append('}');
    }
    out.append(']');
  }
}
