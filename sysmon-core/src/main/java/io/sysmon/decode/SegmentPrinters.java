package io.sysmon.decode;

import java.util.Map;

/** Printers of {@code struct user_desc}, set_thread_area(2). */
final class SegmentPrinters {
  private static final int SIZE = 16;

  private SegmentPrinters() {}

  /** What modify_ldt(2) is given is a descriptor when it is as long as one. */
  static void registerArguments(Map<String, ArgumentPrinter> printers) {
    printers.put(
        "modify_ldt",
        (context, argument) -> {
          if (context.reference(argument.kind(), "len", 0) == SIZE) {
            context.printPointed("user_desc", context.register(argument));
          } else {
            context.address(context.register(argument));
          }
        });
  }

  static void register(Map<String, PointedPrinter> types) {
    types.put("user_desc", new FixedStruct(abi -> SIZE, SegmentPrinters::descriptor));
  }

  /** {@code entry_number base_addr limit} and a word of bits. */
  private static void descriptor(PrintContext context, StructBytes descriptor) {
    StringBuilder out = context.out.append("{entry_number=").append(descriptor.i32(0));
    if (context.failed()) {
      out.append(", ...}");
      return;
    }
    padded(out.append(", base_addr="), descriptor.i32(4));
    padded(out.append(", limit="), descriptor.i32(8));
    int bits = descriptor.i32(12);
    out.append(", seg_32bit=").append(bits & 1);
    out.append(", contents=").append(bits >> 1 & 3);
    out.append(", read_exec_only=").append(bits >> 3 & 1);
    out.append(", limit_in_pages=").append(bits >> 4 & 1);
    out.append(", seg_not_present=").append(bits >> 5 & 1);
    out.append(", useable=").append(bits >> 6 & 1);
    if (context.abi.wordSize() == 8) {
      out.append(", lm=").append(bits >> 7 & 1);
    }
    out.append('}');
  }

  /** As {@code %#08x} of printf(3). */
  private static void padded(StringBuilder out, int value) {
    out.append(value == 0 ? "00000000" : String.format("%#08x", value));
  }

  /** Appends {@code (entry_number=12)}: which entry the kernel has chosen. */
  static void result(PrintContext context) {
    StructBytes descriptor = context.struct(context.call.register(0), SIZE);
    if (descriptor != null) {
      context
          .out
          .append(" (entry_number=")
          .append(Integer.toUnsignedString(descriptor.i32(0)))
          .append(')');
    }
  }
}
