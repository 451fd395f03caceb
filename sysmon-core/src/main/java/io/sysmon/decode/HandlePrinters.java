package io.sysmon.decode;

import java.util.Map;

/** Printers of {@code struct file_handle}, open_by_handle_at(2): two words of 32 bits and bytes. */
final class HandlePrinters {
  private static final int HEADER_SIZE = 8;

  /** {@code MAX_HANDLE_SZ}, linux/exportfs.h. */
  private static final int MOST_BYTES = 128;

  private static final int EOVERFLOW = 75;

  private HandlePrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("file_handle", HandlePrinters::handle);
  }

  static void registerArguments(Map<String, ArgumentPrinter> printers) {
    printers.put("file_handle", new Made());
  }

  private static void handle(PrintContext context, Kind kind, long address) {
    StructBytes header = context.struct(address, HEADER_SIZE);
    if (header == null) {
      context.address(address);
      return;
    }
    FieldText fields = new FieldText(context).unsigned("handle_bytes", header.u32(0));
    fields.signed("handle_type", header.i32(4));
    fields.value("f_handle", c -> content(c, address, header.u32(0)));
    fields.end();
  }

  private static void content(PrintContext context, long address, long length) {
    int shown = (int) Math.min(length, MOST_BYTES);
    byte[] bytes = context.bytes(address + HEADER_SIZE, shown);
    if (bytes == null) {
      context.out.append("???");
      return;
    }
    Quoting.appendHex(context.out, bytes, 0, shown);
    context.out.append(length > shown ? "..." : "");
  }

  /** What name_to_handle_at(2) makes: it reads how much room there is. */
  private static final class Made implements ArgumentPrinter {
    @Override
    public void print(PrintContext context, Argument argument) {
      StructBytes header = context.struct(context.register(argument), HEADER_SIZE);
      if (header == null) {
        context.address(context.register(argument));
        return;
      }
      context.call.remember(argument, header.u32(0));
      context.out.append("{handle_bytes=").append(header.u32(0));
    }

    @Override
    public boolean hasRest(PrintContext context, Argument argument) {
      return context.struct(context.register(argument), HEADER_SIZE) != null;
    }

    @Override
    public void printRest(PrintContext context, Argument argument) {
      long address = context.register(argument);
      StructBytes header = context.struct(address, HEADER_SIZE);
      if (header != null && (!context.failed() || context.errno() == EOVERFLOW)) {
        if (header.u32(0) != context.call.remembered(argument, header.u32(0))) {
          context.out.append(" => ").append(header.u32(0));
        }
        if (!context.failed()) {
          context.out.append(", handle_type=").append(header.i32(4)).append(", f_handle=");
          content(context, address, header.u32(0));
        }
      }
      context.out.append('}');
    }
  }
}
