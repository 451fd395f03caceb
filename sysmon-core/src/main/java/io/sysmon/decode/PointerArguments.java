package io.sysmon.decode;

import io.sysmon.decode.Kind.Reference;
import io.sysmon.decode.Kind.Reference.Source;
import java.util.Map;

/**
 * Printers of pointers to structures: {@code in} is printed at the entry, {@code out} at the exit
 * when the call succeeded, {@code inout} as its type wants it.
 */
final class PointerArguments {
  /** {@code ERESTARTSYS} to {@code ERESTART_RESTARTBLOCK}, linux/errno.h of the kernel. */
  private static final int FIRST_RESTART = 512;

  private static final int LAST_RESTART = 516;

  private PointerArguments() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("in", PointerArguments::printPointed);
    printers.put("out", new Out());
    printers.put("inout", new InOut());
    printers.put("kept", new Kept());
  }

  private static void printPointed(PrintContext context, Argument argument) {
    context.printPointed(argument.kind(), context.register(argument));
  }

  /** Whether a part of the structure is the program's, which can be read at any time. */
  static boolean isFilledAlways(Kind kind) {
    Reference when = kind.reference("when");
    return when != null && when.source() == Source.ALWAYS;
  }

  /** Whether the kernel has filled the structure, now that the call is over. */
  static boolean isFilled(CallContext context, Kind kind) {
    Reference when = kind.reference("when");
    Source condition = when == null ? Source.CONSTANT : when.source();
    return switch (condition) {
      case ALWAYS -> true;
      case INTERRUPTED -> context.errno() >= FIRST_RESTART && context.errno() <= LAST_RESTART;
      case RESULT -> context.result() > 0;
      default -> !context.failed();
    };
  }

  private static final class Out implements ArgumentPrinter {
    @Override
    public void print(PrintContext context, Argument argument) {
      if (isFilled(context, argument.kind())) {
        printPointed(context, argument);
      } else {
        context.address(context.register(argument));
      }
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      return true;
    }

    @Override
    public void remember(PrintContext context, Argument argument) {
      String type = argument.kind().type();
      if (type.equals("msghdr") || type.equals("mmsghdr")) {
        MessagePrinters.remember(context, argument);
      }
    }
  }

  private static final class InOut implements ArgumentPrinter {
    /** Lengths: {@code [128 => 16]}; the kernel reads and writes them during the call. */
    private boolean isLength(Argument argument) {
      return argument.kind().type().equals("int") || argument.kind().type().equals("uint");
    }

    /** Offsets: {@code [0] => [100]}. */
    private boolean isOffset(Argument argument) {
      return argument.kind().type().equals("off") || argument.kind().type().equals("loff");
    }

    @Override
    public void print(PrintContext context, Argument argument) {
      if (isLength(argument)) {
        length(context, argument);
      } else if (isOffset(argument) || !context.failed()) {
        printPointed(context, argument);
      } else {
        context.address(context.register(argument));
      }
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      return !isOffset(argument);
    }

    @Override
    public boolean hasRest(PrintContext context, Argument argument) {
      return isOffset(argument) && context.struct(context.register(argument), 4) != null;
    }

    @Override
    public void printRest(PrintContext context, Argument argument) {
      if (!context.failed() && context.result() != 0) {
        context.out.append(" => ");
        printPointed(context, argument);
      }
    }

    @Override
    public void remember(PrintContext context, Argument argument) {
      StructBytes length =
          isLength(argument) ? context.struct(context.register(argument), 4) : null;
      if (length != null) {
        context.call.remember(argument, length.i32(0));
      }
    }

    private void length(PrintContext context, Argument argument) {
      long address = context.register(argument);
      StructBytes length = context.struct(address, 4);
      if (length == null) {
        context.address(address);
        return;
      }
      long before = context.call.remembered(argument, length.i32(0));
      context.out.append('[');
      if (before != length.i32(0) && !context.failed()) {
        context.out.append(before).append(" => ");
      }
      context.out.append(context.failed() ? before : length.i32(0)).append(']');
    }
  }

  /**
   * What the kernel overwrites: it is printed as it was, where {@code out} arguments precede it.
   */
  private static final class Kept implements ArgumentPrinter {
    @Override
    public void print(PrintContext context, Argument argument) {
      String before = context.call.rememberedText(argument);
      context.out.append(before);
      if (before.isEmpty()) {
        printPointed(context, argument);
      }
    }

    @Override
    public void remember(PrintContext context, Argument argument) {
      Kind kind = argument.kind();
      context.call.rememberText(argument, context.pointed(kind, context.register(argument)));
    }
  }
}
