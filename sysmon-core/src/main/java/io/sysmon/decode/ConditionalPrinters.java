package io.sysmon.decode;

import java.util.Map;
import java.util.function.BiPredicate;

/** Printers of arguments that a call has only when another argument asks for them. */
final class ConditionalPrinters {
  private static final long O_CREAT = 0x40;

  /** {@code __O_TMPFILE}; the {@code O_DIRECTORY} in {@code O_TMPFILE} differs between ABIs. */
  private static final long O_TMPFILE_BIT = 0x40_0000;

  private static final long MREMAP_FIXED = 2;
  private static final int S_IFMT = 0170000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFBLK = 0060000;
  private static final long LINUX_REBOOT_CMD_RESTART2 = 0xa1b2c3d4L;
  private static final long MEMBARRIER_CMD_FLAG_CPU = 1;
  private static final long MS_REMOUNT = 0x20;
  private static final long MS_BIND = 0x1000;
  private static final long MS_MOVE = 0x2000;
  private static final long MS_PROPAGATION = 0x1e_0000;

  private ConditionalPrinters() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("open_mode", when(ConditionalPrinters::creates, printer(printers, "mode")));
    printers.put(
        "mq_attr",
        when(ConditionalPrinters::creates, (c, a) -> c.printPointed("mq_attr", c.register(a))));
    printers.put(
        "mremap_address", when((c, a) -> (by(c, a) & MREMAP_FIXED) != 0, printer(printers, "ptr")));
    printers.put("mknod_dev", when(ConditionalPrinters::isDevice, printer(printers, "dev")));
    printers.put(
        "reboot_arg",
        when(
            (c, a) -> (by(c, a) & 0xffff_ffffL) == LINUX_REBOOT_CMD_RESTART2,
            (c, a) -> StringPrinters.string(c, c.register(a), c.options.stringLimit())));
    printers.put(
        "membarrier_cpu",
        when((c, a) -> (by(c, a) & MEMBARRIER_CMD_FLAG_CPU) != 0, printer(printers, "int")));
    printers.put("mount_source", mountString(0));
    printers.put("mount_type", mountString(MS_REMOUNT | MS_BIND | MS_MOVE | MS_PROPAGATION));
    printers.put("mount_data", mountString(MS_MOVE | MS_PROPAGATION));
  }

  private static ArgumentPrinter printer(Map<String, ArgumentPrinter> printers, String kind) {
    return (context, argument) -> {
      ArgumentPrinter printer = printers.get(kind);
      if (printer != null) {
        printer.print(context, argument);
      }
    };
  }

  private static long by(PrintContext context, Argument argument) {
    return context.reference(argument.kind(), "by", 0);
  }

  private static boolean creates(PrintContext context, Argument argument) {
    return (by(context, argument) & (O_CREAT | O_TMPFILE_BIT)) != 0;
  }

  private static boolean isDevice(PrintContext context, Argument argument) {
    int type = (int) by(context, argument) & S_IFMT;
    return type == S_IFCHR || type == S_IFBLK;
  }

  private static ArgumentPrinter when(
      BiPredicate<PrintContext, Argument> condition, ArgumentPrinter printer) {
    return new ArgumentPrinter() {
      @Override
      public void print(PrintContext context, Argument argument) {
        printer.print(context, argument);
      }

      @Override
      public boolean isSkipped(PrintContext context, Argument argument) {
        return !condition.test(context, argument);
      }
    };
  }

  /**
   * The kernel ignores some strings of mount(2) with some flags; then only the address is shown.
   */
  private static ArgumentPrinter mountString(long ignoring) {
    return (context, argument) -> {
      long address = context.register(argument);
      if ((by(context, argument) & ignoring) != 0) {
        context.address(address);
      } else {
        StringPrinters.string(context, address, context.options.stringLimit());
      }
    };
  }
}
