package io.sysmon.decode;

import java.util.Map;

/** Printers of {@code struct iovec}, readv(2): a word with the address and one with the length. */
final class IovecPrinters {
  private IovecPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put(
        "iovec",
        (c, k, a) -> {
          long count = c.reference(k, "n", 0);
          if (c.isExiting() && c.failed()) {
            print(c, a, count, NO_DATA);
          } else {
            print(c, a, count, c.reference(k, "len", Long.MAX_VALUE));
          }
        });
    types.put("iovec_addresses", (c, k, a) -> print(c, a, c.reference(k, "n", 0), NO_DATA));
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
      if (index == context.options.stringLimit()) {
        out.append("...");
        break;
      }
      StructBytes iovec = context.struct(element, 2 * word);
      if (iovec == null) {
        out.append("... /* ");
        context.address(element);
        out.append(" */");
        break;
      }
      long length = iovec.word(word);
      out.append("{iov_base=");
      if (budget == NO_DATA) {
        context.address(iovec.word(0));
      } else {
        long shown = length < 0 ? left : Math.min(left, length);
        StringPrinters.buffer(context, iovec.word(0), shown);
        left -= shown;
      }
      out.append(", iov_len=").append(Long.toUnsignedString(length)).append('}');
    }
    out.append(']');
  }
}
