package io.sysmon.decode;

import io.sysmon.Signal;
import java.util.Map;
import java.util.Objects;

/** The third argument of fcntl(2), and its result, by the command. */
final class FcntlPrinters {
  private static final int F_DUPFD = 0;
  private static final int F_GETFD = 1;
  private static final int F_SETFD = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_GETLK = 5;
  private static final int F_SETLK = 6;
  private static final int F_SETLKW = 7;
  private static final int F_SETOWN = 8;
  private static final int F_GETOWN = 9;
  private static final int F_SETSIG = 10;
  private static final int F_GETSIG = 11;
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final int F_OFD_SETLKW = 38;
  private static final int F_SETLEASE = 1024;
  private static final int F_GETLEASE = 1025;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;

  private FcntlPrinters() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("fcntl_arg", new FcntlArgument());
  }

  private static int command(CallContext context, Argument argument) {
    return (int) context.reference(argument.kind(), "by", 0);
  }

  /** How the argument is read as a value. */
  static ValueReader<?> reader(CallContext context, Argument argument) {
    int value = context.intValue(argument);
    long bits = Integer.toUnsignedLong(value);
    return switch (command(context, argument)) {
      case F_SETFD -> ArgumentReaders.flags(context, "fd_flags", bits);
      case F_SETFL -> ArgumentReaders.flags(context, "open_flags", bits);
      case F_ADD_SEALS -> ArgumentReaders.flags(context, "seals", bits);
      case F_SETLEASE ->
          ArgumentReaders.one(Constant.class, Constant.ofInt(value, "lock_type", context.abi));
      case F_SETSIG -> ArgumentReaders.one(Signal.class, Signal.of(value));
      case F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW ->
          Objects.requireNonNull(Printers.ALL.type("flock").reader());
      default -> ArgumentReaders.one(Long.class, (long) value);
    };
  }

  /** Appends the result and what it means. */
  static void result(PrintContext context) {
    long result = context.result();
    StringBuilder out = context.out;
    int command = (int) context.call.register(1);
    boolean shown = result != 0;
    switch (command) {
      case F_DUPFD, F_DUPFD_CLOEXEC -> context.descriptor((int) result);
      case F_GETFD -> annotated(context, shown, "flags", "fd_flags");
      case F_GETFL -> annotated(context, true, "flags", "open_flags");
      case F_GET_SEALS -> annotated(context, shown, "seals", "seals");
      case F_GETLEASE -> {
        context.hex(result);
        out.append(" (");
        context.constant("lock_type", result);
        out.append(')');
      }
      case F_GETSIG -> {
        out.append(result);
        if (shown) {
          out.append(" (");
          ScalarPrinters.signal(context, (int) result);
          out.append(')');
        }
      }
      default -> out.append(result);
    }
  }

  private static void annotated(PrintContext context, boolean shown, String title, String set) {
    context.hex(context.result());
    if (shown) {
      context.out.append(" (").append(title).append(' ');
      context.flags(set, context.result());
      context.out.append(')');
    }
  }

  private static final class FcntlArgument implements ArgumentPrinter {
    @Override
    public boolean isSkipped(PrintContext context, Argument argument) {
      return switch (command(context, argument)) {
        case F_GETFD, F_GETFL, F_GETOWN, F_GETSIG, F_GETLEASE, F_GETPIPE_SZ, F_GET_SEALS -> true;
        default -> false;
      };
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      int command = command(context, argument);
      return command == F_GETLK || command == F_OFD_GETLK;
    }

    @Override
    public void print(PrintContext context, Argument argument) {
      switch (command(context, argument)) {
        case F_DUPFD, F_DUPFD_CLOEXEC, F_SETOWN, F_SETPIPE_SZ ->
            context.out.append(context.intValue(argument));
        case F_SETFD -> flags(context, "fd_flags", argument);
        case F_SETFL -> flags(context, "open_flags", argument);
        case F_ADD_SEALS -> flags(context, "seals", argument);
        case F_SETLEASE ->
            ScalarPrinters.constant(context, "lock_type", context.intValue(argument));
        case F_SETSIG -> ScalarPrinters.signal(context, context.intValue(argument));
        case F_GETLK, F_OFD_GETLK -> lock(context, argument, context.failed() ? "" : "flock_got");
        case F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW -> lock(context, argument, "flock");
        default -> context.hex(context.register(argument));
      }
    }

    private static void flags(PrintContext context, String set, Argument argument) {
      context.flags(set, Integer.toUnsignedLong(context.intValue(argument)));
    }

    private static void lock(PrintContext context, Argument argument, String type) {
      context.printPointed(type, context.register(argument));
    }
  }
}
