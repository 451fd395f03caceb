package io.sysmon.decode;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The text after {@code =}: the result of a call that succeeded. */
final class ResultPrinters {
  private final Map<String, Consumer<PrintContext>> printers = new HashMap<>();

  ResultPrinters() {
    printers.put("ptr", ResultPrinters::address);
    printers.put("fd", c -> c.descriptor((int) c.result()));
    printers.put("hex", c -> c.hex(c.result()));
    printers.put("oct", c -> c.octal(c.result()));
    printers.put("uid", c -> c.out.append(c.result() & 0xffff_ffffL));
    printers.put("gid", c -> c.out.append(c.result() & 0xffff_ffffL));
    printers.put("poll", ResultPrinters::poll);
    printers.put("select", ResultPrinters::select);
    printers.put("recvmmsg", ResultPrinters::messages);
    printers.put("fcntl", FcntlPrinters::result);
    printers.put("prctl", PrctlPrinters::result);
    printers.put("bpf", BpfPrinters::result);
    printers.put("landlock", ResultPrinters::ruleset);
    printers.put("signal", ResultPrinters::signal);
    printers.put("enum", ResultPrinters::constant);
    printers.put("personality", ResultPrinters::personality);
    printers.put("time", ResultPrinters::time);
    printers.put("thread_area", ResultPrinters::threadArea);
    printers.put("ioprio", ResultPrinters::ioPriority);
  }

  void print(PrintContext context) {
    Kind kind = context.call.signature().result();
    if (context.failed()) {
      ErrnoText.result(context, context.errno());
    } else if (kind.name().equals("none")) {
      context.out.append('?');
    } else {
      printers.getOrDefault(kind.name(), ResultPrinters::decimal).accept(context);
    }
  }

  /** Whether there is a printer for that kind; others are decimal. */
  boolean has(Kind kind) {
    return printers.containsKey(kind.name());
  }

  private static void decimal(PrintContext context) {
    if (context.abi.registerSize() == 4) {
      context.out.append((int) context.result());
    } else {
      context.out.append(context.result());
    }
  }

  private static void address(PrintContext context) {
    context.out.append("0x").append(Long.toHexString(context.result()));
  }

  private static void poll(PrintContext context) {
    decimal(context);
    PollPrinters.pollResult(context);
  }

  private static void select(PrintContext context) {
    decimal(context);
    PollPrinters.selectResult(context);
  }

  private static void messages(PrintContext context) {
    decimal(context);
    PollPrinters.messagesResult(context);
  }

  private static void threadArea(PrintContext context) {
    decimal(context);
    SegmentPrinters.result(context);
  }

  /** With flags it is asked for what the kernel can do. */
  private static void ruleset(PrintContext context) {
    if (context.call.register(2) == 0) {
      context.descriptor((int) context.result());
    } else {
      decimal(context);
    }
  }

  private static void constant(PrintContext context) {
    decimal(context);
    context.out.append(" (");
    context.constant(context.call.signature().result().type(), context.result());
    context.out.append(')');
  }

  private static void signal(PrintContext context) {
    decimal(context);
    context.out.append(" (");
    ScalarPrinters.signal(context, (int) context.result());
    context.out.append(')');
  }

  private static void personality(PrintContext context) {
    context.hex(context.result());
    context.out.append(" (");
    ScalarPrinters.personality(context, (int) context.result());
    context.out.append(')');
  }

  private static void time(PrintContext context) {
    decimal(context);
    if (context.result() != 0) {
      context.out.append(" (").append(TimePrinters.date(context.result())).append(')');
    }
  }

  private static void ioPriority(PrintContext context) {
    decimal(context);
    context.out.append(" (");
    ScalarPrinters.ioPriority(context, (int) context.result());
    context.out.append(')');
  }
}
