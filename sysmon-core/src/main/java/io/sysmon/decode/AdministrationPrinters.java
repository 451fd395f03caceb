package io.sysmon.decode;

import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** Printers of calls for the system's administrator: syslog, swapon, seccomp, ptrace and others. */
final class AdministrationPrinters {
  private static final Set<Integer> SYSLOG_WITH_BUFFER = Set.of(2, 3, 4);
  private static final Set<Integer> SYSLOG_WITHOUT_ARGUMENTS = Set.of(0, 1, 5, 6, 7, 9, 10);
  private static final long SWAP_FLAG_PRIO_MASK = 0x7fff;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_SET_PATH = 3;
  private static final int FSCONFIG_SET_PATH_EMPTY = 4;
  private static final int FSCONFIG_SET_FD = 5;
  private static final int KCMP_FILE = 0;
  private static final int KCMP_SYSVSEM = 6;
  private static final int SECCOMP_SET_MODE_FILTER = 1;

  /** {@code CONT SINGLESTEP DETACH SYSCALL SYSEMU SYSEMU_SINGLESTEP SINGLEBLOCK}. */
  private static final Set<Integer> PTRACE_WITH_SIGNAL = Set.of(7, 9, 17, 24, 31, 32, 33);

  /** {@code KILL ATTACH INTERRUPT LISTEN}. */
  private static final Set<Integer> PTRACE_WITH_TASK_ONLY = Set.of(8, 16, 0x4207, 0x4208);

  /** {@code GETREGS SETREGS GETFPREGS SETFPREGS}. */
  private static final Set<Integer> PTRACE_WITHOUT_ADDRESS = Set.of(12, 13, 14, 15);

  /** {@code OLDSETOPTIONS SETOPTIONS SEIZE}. */
  private static final Set<Integer> PTRACE_WITH_OPTIONS = Set.of(21, 0x4200, 0x4206);

  private AdministrationPrinters() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("syslog_type", AdministrationPrinters::syslogType);
    printers.put("syslog_buf", new SyslogBuffer());
    printers.put(
        "syslog_len",
        unless(SYSLOG_WITHOUT_ARGUMENTS::contains, (c, a) -> c.out.append(c.intValue(a))));
    printers.put("swap_flags", AdministrationPrinters::swapFlags);
    printers.put("fsconfig_key", AdministrationPrinters::fsconfigKey);
    printers.put("fsconfig_value", AdministrationPrinters::fsconfigValue);
    printers.put(
        "kcmp_idx",
        unless(
            type -> type > KCMP_FILE && type <= KCMP_SYSVSEM,
            (c, a) -> c.out.append((int) c.register(a))));
    printers.put("seccomp_flags", AdministrationPrinters::seccompFlags);
    printers.put("seccomp_args", AdministrationPrinters::seccompArgument);
    printers.put(
        "ptrace_pid", unless(request -> request == 0, (c, a) -> c.out.append(c.intValue(a))));
    printers.put(
        "ptrace_addr",
        unless(
            request ->
                request == 0
                    || PTRACE_WITH_TASK_ONLY.contains(request)
                    || PTRACE_WITHOUT_ADDRESS.contains(request),
            (c, a) -> c.address(c.register(a))));
    printers.put(
        "ptrace_data",
        unless(
            request -> request == 0 || PTRACE_WITH_TASK_ONLY.contains(request),
            AdministrationPrinters::ptraceData));
  }

  private static int by(PrintContext context, Argument argument) {
    return (int) context.reference(argument.kind(), "by", 0);
  }

  /** An argument that is missing when the one it depends on has certain values. */
  private static ArgumentPrinter unless(IntPredicate missing, ArgumentPrinter printer) {
    return new ArgumentPrinter() {
      @Override
      public void print(PrintContext context, Argument argument) {
        printer.print(context, argument);
      }

      @Override
      public boolean isSkipped(PrintContext context, Argument argument) {
        return missing.test(by(context, argument));
      }
    };
  }

  private static void syslogType(PrintContext context, Argument argument) {
    int type = context.intValue(argument);
    StringBuilder name = new StringBuilder();
    context.constants.get("syslog_action").appendValue(name, Integer.toUnsignedLong(type));
    context.out.append(type);
    int comment = name.indexOf(" ");
    context.out.append(comment < 0 ? " /* " + name + " */" : name.substring(comment));
  }

  /** The priority in the low bits is a number. */
  private static void swapFlags(PrintContext context, Argument argument) {
    long value = Integer.toUnsignedLong(context.intValue(argument));
    if ((value & ~SWAP_FLAG_PRIO_MASK) != 0) {
      context.flags("swapon", value & ~SWAP_FLAG_PRIO_MASK);
      context.out.append('|');
    }
    context.out.append(value & SWAP_FLAG_PRIO_MASK);
  }

  private static void fsconfigKey(PrintContext context, Argument argument) {
    if (by(context, argument) > FSCONFIG_SET_FD) {
      context.address(context.register(argument));
    } else {
      StringPrinters.string(context, context.register(argument), context.options.stringLimit());
    }
  }

  private static void fsconfigValue(PrintContext context, Argument argument) {
    switch (by(context, argument)) {
      case FSCONFIG_SET_STRING ->
          StringPrinters.string(context, context.register(argument), context.options.stringLimit());
      case FSCONFIG_SET_PATH, FSCONFIG_SET_PATH_EMPTY ->
          StringPrinters.string(context, context.register(argument), PrintContext.PATH_MAX - 1);
      default -> context.address(context.register(argument));
    }
  }

  private static void seccompFlags(PrintContext context, Argument argument) {
    long flags = Integer.toUnsignedLong(context.intValue(argument));
    if (by(context, argument) == SECCOMP_SET_MODE_FILTER) {
      context.flags("seccomp_filter_flags", flags);
    } else {
      context.hex(flags);
    }
  }

  private static void seccompArgument(PrintContext context, Argument argument) {
    if (by(context, argument) == SECCOMP_SET_MODE_FILTER) {
      context.printPointed("sock_fprog", context.register(argument));
    } else {
      context.address(context.register(argument));
    }
  }

  private static void ptraceData(PrintContext context, Argument argument) {
    int request = by(context, argument);
    if (PTRACE_WITH_SIGNAL.contains(request)) {
      ScalarPrinters.signal(context, context.intValue(argument));
    } else if (PTRACE_WITH_OPTIONS.contains(request)) {
      context.flags("ptrace_options", context.register(argument));
    } else {
      context.address(context.register(argument));
    }
  }

  private static final class SyslogBuffer implements ArgumentPrinter {
    @Override
    public boolean isSkipped(PrintContext context, Argument argument) {
      return SYSLOG_WITHOUT_ARGUMENTS.contains(by(context, argument));
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      return SYSLOG_WITH_BUFFER.contains(by(context, argument));
    }

    @Override
    public void print(PrintContext context, Argument argument) {
      long address = context.register(argument);
      if (context.failed() || !SYSLOG_WITH_BUFFER.contains(by(context, argument))) {
        context.address(address);
      } else {
        StringPrinters.buffer(context, address, context.reference(argument.kind(), "len", 0));
      }
    }
  }
}
