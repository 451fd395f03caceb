package io.sysmon.decode;

import java.util.Map;

/**
 * Printers of what calls about pages and memory nodes read and fill: mincore, mbind, move_pages.
 */
final class MemoryPolicyPrinters {
  private static final long PAGE = 4096;

  private MemoryPolicyPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    FixedStruct resident = new FixedStruct(abi -> 1, (c, s) -> c.out.append(s.u8(0) & 1));
    types.put("mincore", (c, k, a) -> resident.array(c, a, pages(c.reference(k, "len", 0))));
    FixedStruct nodes =
        new FixedStruct(AbiLayout::wordSize, (c, s) -> padded(c, s.word(0), 2 * c.abi.wordSize()));
    types.put("nodemask", (c, k, a) -> nodeMask(c, a, c.reference(k, "n", 0), nodes));
    types.put(
        "mempolicy",
        FixedStruct.scalar(
            Integer.class,
            abi -> 4,
            s -> s.i32(0),
            (c, mode) -> ScalarPrinters.constant(c, "mempolicy_mode", mode)));
    types.put("move_pages_status", new FixedStruct(abi -> 4, MemoryPolicyPrinters::status));
  }

  private static long pages(long length) {
    return length / PAGE + (length % PAGE == 0 ? 0 : 1);
  }

  /** The kernel takes one node less than it is told of, mm/mempolicy.c. */
  private static void nodeMask(
      PrintContext context, long address, long maximum, FixedStruct nodes) {
    long bits = 8L * context.abi.wordSize();
    long words = Long.divideUnsigned(context.abi.truncate(maximum + bits - 2), bits);
    boolean overflown = Long.compareUnsigned(words, Long.divideUnsigned(maximum, bits)) < 0;
    if (overflown || (maximum != 0 && words == 0)) {
      context.address(address);
    } else {
      nodes.array(context, address, words);
    }
  }

  /** As {@code %#0*x} of printf(3): the prefix is of the width, and 0 has none. */
  private static void padded(PrintContext context, long value, int width) {
    String digits = Long.toHexString(value);
    int zeros = width - digits.length() - (value == 0 ? 0 : 2);
    context.out.append(value == 0 ? "" : "0x").append("0".repeat(Math.max(0, zeros)));
    context.out.append(digits);
  }

  /** A node, or minus the number of an error. */
  private static void status(PrintContext context, StructBytes status) {
    int value = status.i32(0);
    if (value < 0) {
      context.out.append('-');
      ErrnoText.name(context.out, -value);
    } else {
      context.out.append(value);
    }
  }
}
