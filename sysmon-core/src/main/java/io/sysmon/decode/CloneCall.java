package io.sysmon.decode;

import io.sysmon.BadAddressException;
import io.sysmon.Signal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * clone(2) and clone3(2). The arguments of clone are printed with their names, in an order of their
 * own, and only those that the flags ask for.
 */
final class CloneCall {
  private static final long PIDFD = 0x1000;
  private static final long SETTLS = 0x8_0000;
  private static final long PARENT_SETTID = 0x10_0000;
  private static final long CHILD_CLEARTID = 0x20_0000;
  private static final long CHILD_SETTID = 0x100_0000;
  private static final long SIGNAL_MASK = 0xff;

  private CloneCall() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("clone3_args", new Clone3Arguments());
  }

  static boolean is(SyscallSignature signature) {
    return signature.name().equals("clone");
  }

  /** Appends what is known at the entry: all, unless the kernel stores the child's id. */
  static boolean enter(PrintContext context) {
    long flags = flags(context);
    context.out.append("child_stack=");
    context.address(value(context, "stack"));
    context.out.append(", flags=");
    appendFlags(context, flags);
    if ((flags & (PARENT_SETTID | PIDFD)) == 0) {
      rest(context);
      return true;
    }
    context.out.append(", ");
    return false;
  }

  /** Appends the part that {@link #enter} left for the exit. */
  static void exit(PrintContext context) {
    context.out.append("parent_tid=");
    long address = value(context, "parent_tid");
    if (context.failed()) {
      context.address(address);
    } else {
      context.printPointed("int", address);
    }
    rest(context);
  }

  private static void rest(PrintContext context) {
    long flags = flags(context);
    if ((flags & SETTLS) != 0) {
      context.out.append(", tls=");
      context.address(value(context, "tls"));
    }
    if ((flags & (CHILD_SETTID | CHILD_CLEARTID)) != 0) {
      context.out.append(", child_tidptr=");
      context.address(value(context, "child_tid"));
    }
  }

  private static long flags(PrintContext context) {
    return value(context, "flags");
  }

  private static long value(PrintContext context, String name) {
    List<Argument> arguments = context.call.signature().arguments();
    for (Argument argument : arguments) {
      if (argument.name().equals(name)) {
        return context.register(argument);
      }
    }
    return 0;
  }

  private static void appendFlags(PrintContext context, long flags) {
    long bits = flags & ~SIGNAL_MASK & 0xffff_ffffL;
    int signal = (int) (flags & SIGNAL_MASK);
    if (bits != 0) {
      context.flags("clone_flags", bits);
    }
    if (signal != 0) {
      context.out.append(bits == 0 ? "" : "|");
      ScalarPrinters.signal(context, signal);
    } else if (bits == 0) {
      context.out.append('0');
    }
  }

  /** Whether the program gives as many bytes as the first version of the structure has. */
  private static boolean isComplete(CallContext context, Kind kind) {
    return Long.compareUnsigned(context.reference(kind, "len", 0), CloneArgs.SIZE) >= 0;
  }

  static CloneArgs read(CallContext context, Kind kind, long address) {
    if (!isComplete(context, kind)) {
      throw new BadAddressException("clone3 needs " + CloneArgs.SIZE + " bytes", address, 0);
    }
    return CloneArgs.of(context.requireStruct(address, CloneArgs.SIZE));
  }

  /** Printed at the entry; at the exit follows what the kernel stored. */
  private static final class Clone3Arguments implements ArgumentPrinter {
    @Override
    public boolean hasRest(PrintContext context, Argument argument) {
      return true;
    }

    @Override
    public void printRest(PrintContext context, Argument argument) {
      CloneArgs args = arguments(context, argument);
      if (args == null || context.failed()) {
        return;
      }
      String separator = " => {";
      if ((args.flags().value() & PIDFD) != 0) {
        context.out.append(separator).append("pidfd=");
        context.printPointed("int", args.pidfd());
        separator = ", ";
      }
      if ((args.flags().value() & PARENT_SETTID) != 0) {
        context.out.append(separator).append("parent_tid=");
        context.printPointed("int", args.parentTid());
        separator = ", ";
      }
      context.out.append(separator.equals(", ") ? "}" : "");
    }

    private static @Nullable CloneArgs arguments(PrintContext context, Argument argument) {
      boolean complete = isComplete(context, argument.kind());
      StructBytes args =
          complete ? context.struct(context.register(argument), CloneArgs.SIZE) : null;
      return args == null ? null : CloneArgs.of(args);
    }

    @Override
    public void print(PrintContext context, Argument argument) {
      CloneArgs args = arguments(context, argument);
      if (args == null) {
        context.address(context.register(argument));
        return;
      }
      long flags = args.flags().value();
      context.out.append("{flags=").append(args.flags());
      if ((flags & PIDFD) != 0) {
        address(context, ", pidfd=", args.pidfd());
      }
      if ((flags & (CHILD_SETTID | CHILD_CLEARTID)) != 0) {
        address(context, ", child_tid=", args.childTid());
      }
      if ((flags & PARENT_SETTID) != 0) {
        address(context, ", parent_tid=", args.parentTid());
      }
      exitSignal(context, args.exitSignal());
      address(context, ", stack=", args.stack());
      context.out.append(", stack_size=");
      context.hex(args.stackSize());
      if ((flags & SETTLS) != 0) {
        address(context, ", tls=", args.tls());
      }
      context.out.append('}');
    }

    private static void exitSignal(PrintContext context, long signal) {
      context.out.append(", exit_signal=");
      if (signal > 0 && signal == (int) signal && Signal.of((int) signal).exists()) {
        ScalarPrinters.signal(context, (int) signal);
      } else {
        context.out.append(Long.toUnsignedString(signal));
      }
    }

    /** Fields have 64 bits on every ABI. */
    private static void address(PrintContext context, String name, long address) {
      context.out.append(name).append(address == 0 ? "NULL" : "0x");
      context.out.append(address == 0 ? "" : Long.toHexString(address));
    }
  }
}
