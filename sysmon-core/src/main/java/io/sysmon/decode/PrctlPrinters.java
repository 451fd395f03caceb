package io.sysmon.decode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** prctl(2) and arch_prctl(2): the kinds of the further arguments depend on the first. */
final class PrctlPrinters {
  private static final int PR_GET_DUMPABLE = 3;
  private static final int PR_GET_SECUREBITS = 27;
  private static final int TASK_COMM_LEN = 16;
  private static final int SECCOMP_MODE_FILTER = 2;
  private static final int ARCH_SET_GS = 0x1001;
  private static final int ARCH_SET_FS = 0x1002;
  private static final int ARCH_GET_FS = 0x1003;
  private static final int ARCH_GET_GS = 0x1004;

  /** An option, and the kinds of its arguments from the second on. */
  private static final String[] OPTIONS = {
    "1 signal", // PR_SET_PDEATHSIG
    "2 out(int)", // PR_GET_PDEATHSIG
    "3", // PR_GET_DUMPABLE
    "4 enum(suid_dump)", // PR_SET_DUMPABLE
    "7", // PR_GET_KEEPCAPS
    "8 ulong", // PR_SET_KEEPCAPS
    "15 comm", // PR_SET_NAME
    "16 out(comm)", // PR_GET_NAME
    "21", // PR_GET_SECCOMP
    "22 enum(seccomp_mode) seccomp_filter", // PR_SET_SECCOMP
    "23 enum(capability)", // PR_CAPBSET_READ
    "24 enum(capability)", // PR_CAPBSET_DROP
    "27", // PR_GET_SECUREBITS
    "28 flags(securebits)", // PR_SET_SECUREBITS
    "29 ulong", // PR_SET_TIMERSLACK
    "30", // PR_GET_TIMERSLACK
    "35 enum(pr_set_mm) ptr hex hex", // PR_SET_MM
    "36 ulong", // PR_SET_CHILD_SUBREAPER
    "37 out(int)", // PR_GET_CHILD_SUBREAPER
    "38 ulong hex hex hex", // PR_SET_NO_NEW_PRIVS
    "39 hex hex hex hex", // PR_GET_NO_NEW_PRIVS
    "40 out(ptr)", // PR_GET_TID_ADDRESS
    "41 ulong hex hex hex", // PR_SET_THP_DISABLE
    "42 hex hex hex hex", // PR_GET_THP_DISABLE
    "47 enum(pr_cap_ambient) enum(capability) hex hex", // PR_CAP_AMBIENT
    "0x53564d41 enum(pr_set_vma) ptr ulong string", // PR_SET_VMA
  };

  private final Map<Integer, List<Kind>> kinds = new HashMap<>();
  private final Map<String, ArgumentPrinter> printers;

  private PrctlPrinters(Map<String, ArgumentPrinter> printers) {
    this.printers = printers;
    KindParser parser = new KindParser(List.of());
    for (String option : OPTIONS) {
      List<Token> words = Token.split("prctl options", 1, option);
      List<Kind> arguments = new ArrayList<>();
      for (Token word : words.subList(1, words.size())) {
        arguments.add(parser.parse(word));
      }
      kinds.put((int) words.get(0).number(), arguments);
    }
  }

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("prctl_arg", new PrctlPrinters(printers).new PrctlArgument());
    printers.put("comm", (c, a) -> name(c, c.register(a)));
    printers.put("seccomp_filter", new SeccompFilter());
    printers.put("arch_prctl_addr", new ArchPrctlArgument());
  }

  static void registerTypes(Map<String, PointedPrinter> types) {
    types.put("comm", (c, k, a) -> name(c, a));
  }

  /** A thread's name has at most 15 bytes. */
  private static void name(PrintContext context, long address) {
    byte[] bytes = context.string(address, TASK_COMM_LEN - 1);
    if (bytes == null) {
      context.address(address);
      return;
    }
    context.quote(bytes, 0, bytes.length);
    context.out.append(bytes.length == TASK_COMM_LEN - 1 ? "..." : "");
  }

  /** Appends the result and what it means. */
  static void result(PrintContext context) {
    context.out.append(context.result());
    int option = (int) context.call.register(0);
    if (option == PR_GET_DUMPABLE) {
      context.out.append(" (");
      context.constant("suid_dump", context.result());
      context.out.append(')');
    } else if (option == PR_GET_SECUREBITS && context.result() != 0) {
      context.out.append(" (");
      context.flags("securebits", context.result());
      context.out.append(')');
    }
  }

  /** The third argument of {@code PR_SET_SECCOMP}: there only with a filter. */
  private static final class SeccompFilter implements ArgumentPrinter {
    @Override
    public void print(PrintContext context, Argument argument) {
      context.printPointed("sock_fprog", context.register(argument));
    }

    @Override
    public boolean isSkipped(PrintContext context, Argument argument) {
      return context.call.register(1) != SECCOMP_MODE_FILTER;
    }
  }

  private final class PrctlArgument implements ArgumentPrinter {
    /** The argument as its option means it. */
    private Argument meant(PrintContext context, Argument argument) {
      int option = (int) context.reference(argument.kind(), "by", 0);
      List<Kind> known = kinds.get(option);
      int index = argument.register() - 1;
      Kind kind = known != null && index < known.size() ? known.get(index) : Kind.HEX;
      return new Argument(argument.name(), kind, argument.register());
    }

    private ArgumentPrinter printer(Argument meant) {
      return printers.getOrDefault(meant.kind().name(), (c, a) -> c.hex(c.register(a)));
    }

    @Override
    public void print(PrintContext context, Argument argument) {
      Argument meant = meant(context, argument);
      printer(meant).print(context, meant);
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      Argument meant = meant(context, argument);
      return printer(meant).waitsForExit(context, meant);
    }

    @Override
    public boolean isSkipped(PrintContext context, Argument argument) {
      int option = (int) context.reference(argument.kind(), "by", 0);
      List<Kind> known = kinds.get(option);
      if (known == null) {
        return false;
      }
      Argument meant = meant(context, argument);
      return argument.register() > known.size() || printer(meant).isSkipped(context, meant);
    }
  }

  private static final class ArchPrctlArgument implements ArgumentPrinter {
    private static boolean isGetting(PrintContext context, Argument argument) {
      int code = (int) context.reference(argument.kind(), "by", 0);
      return code == ARCH_GET_FS || code == ARCH_GET_GS;
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      return isGetting(context, argument);
    }

    @Override
    public void print(PrintContext context, Argument argument) {
      int code = (int) context.reference(argument.kind(), "by", 0);
      if (isGetting(context, argument) && !context.failed()) {
        context.printPointed("ptr", context.register(argument));
      } else if (code == ARCH_SET_FS || code == ARCH_SET_GS || isGetting(context, argument)) {
        context.address(context.register(argument));
      } else {
        context.hex(context.register(argument));
      }
    }
  }
}
