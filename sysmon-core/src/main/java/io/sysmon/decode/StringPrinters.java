package io.sysmon.decode;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Printers of arguments that point to strings and plain bytes. */
final class StringPrinters {
  /** What the kernel takes for {@code argv}: more pointers than this are not counted. */
  private static final int MAX_POINTERS = 1 << 20;

  private StringPrinters() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("path", (c, a) -> string(c, c.register(a), PrintContext.PATH_MAX - 1));
    printers.put("string", StringPrinters::stringArgument);
    printers.put("argv", (c, a) -> argv(c, c.register(a)));
    printers.put("envp", (c, a) -> envp(c, c.register(a)));
    printers.put("buf_in", (c, a) -> buffer(c, c.register(a), c.reference(a.kind(), "len", 0)));
    printers.put("buf_out", new BufferOut());
  }

  private static void stringArgument(PrintContext context, Argument argument) {
    long address = context.register(argument);
    if (argument.kind().reference("len") == null) {
      string(context, address, context.options.stringLimit());
    } else {
      buffer(context, address, context.reference(argument.kind(), "len", 0));
    }
  }

  /** A string that ends with a NUL; what is longer than the limit ends in {@code ...}. */
  static void string(PrintContext context, long address, int limit) {
    byte[] bytes = context.string(address, limit == Integer.MAX_VALUE ? limit : limit + 1);
    if (bytes == null) {
      context.address(address);
      return;
    }
    context.quote(bytes, 0, Math.min(bytes.length, limit));
    if (bytes.length > limit) {
      context.out.append("...");
    }
  }

  /** Bytes of known number. */
  static void buffer(PrintContext context, long address, long length) {
    int shown =
        (int) Math.min(Integer.toUnsignedLong(context.options.stringLimit()), unsigned(length));
    byte[] bytes = context.bytes(address, shown);
    if (bytes == null) {
      context.address(address);
      return;
    }
    context.quote(bytes, 0, shown);
    if (unsigned(length) > shown) {
      context.out.append("...");
    }
  }

  /** A length that is negative as a {@code long} is a very large one. */
  private static long unsigned(long length) {
    return length < 0 ? Long.MAX_VALUE : length;
  }

  /** A string, whole. */
  static String text(CallContext context, long address) {
    return new String(context.requireString(address), StandardCharsets.UTF_8);
  }

  private static void argv(PrintContext context, long address) {
    PointerArray pointers = new PointerArray(context, address);
    if (!pointers.isReadable(0)) {
      context.address(address);
      return;
    }
    StringBuilder out = context.out.append('[');
    for (int index = 0; !pointers.endsAt(index); index++) {
      out.append(index == 0 ? "" : ", ");
      if (!pointers.isReadable(index)) {
        out.append("... /* ");
        context.address(pointers.addressOf(index));
        out.append(" */");
        break;
      }
      if (context.isAbbreviatedAt(index)) {
        out.append("...");
        break;
      }
      string(context, pointers.get(index), context.options.stringLimit());
    }
    out.append(']');
  }

  /** Appends the address, and how many variables there are as a comment. */
  private static void envp(PrintContext context, long address) {
    if (context.options.isVerbose()) {
      argv(context, address);
      return;
    }
    PointerArray pointers = new PointerArray(context, address);
    context.address(address);
    if (!pointers.isReadable(0)) {
      return;
    }
    int count = 0;
    while (count < MAX_POINTERS && pointers.isReadable(count) && !pointers.endsAt(count)) {
      count++;
    }
    context.out.append(" /* ").append(count).append(count == 1 ? " var" : " vars");
    context.out.append(pointers.isReadable(count) ? " */" : ", unterminated */");
  }

  /** Bytes that the kernel wrote. */
  private static final class BufferOut implements ArgumentPrinter {
    @Override
    public void print(PrintContext context, Argument argument) {
      long address = context.register(argument);
      if (context.failed()) {
        context.address(address);
        return;
      }
      buffer(context, address, context.reference(argument.kind(), "len", 0));
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      return true;
    }
  }
}
