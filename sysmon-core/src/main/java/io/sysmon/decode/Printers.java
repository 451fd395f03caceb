package io.sysmon.decode;

import java.util.HashMap;
import java.util.Map;

/** Which printer prints which kind. */
final class Printers {
  static final Printers ALL = new Printers();

  private final Map<String, ArgumentPrinter> arguments = new HashMap<>();
  private final Map<String, PointedPrinter> types = new HashMap<>();
  private final ResultPrinters results = new ResultPrinters();

  private Printers() {
    NumberPrinters.register(types);
    TimePrinters.register(types);
    TimexText.register(types);
    SignalPrinters.register(types);
    FilePrinters.register(types);
    DirentPrinters.register(types);
    ProcessPrinters.register(types);
    PollPrinters.register(types);
    SocketPrinters.register(types);
    IovecPrinters.register(types);
    MessagePrinters.register(types);
    SchedulingPrinters.register(types);
    SegmentPrinters.register(types);
    FutexPrinters.registerTypes(types);
    AioPrinters.register(types);
    MemoryPolicyPrinters.register(types);
    IpcPrinters.register(types);
    HandlePrinters.register(types);
    PerfPrinters.register(types);
    SandboxPrinters.register(types);
    IoctlPrinters.registerTypes(types);
    PrctlPrinters.registerTypes(types);

    ScalarPrinters.register(arguments);
    StringPrinters.register(arguments);
    ConditionalPrinters.register(arguments);
    SocketPrinters.registerArguments(arguments);
    FcntlPrinters.register(arguments);
    IoctlPrinters.register(arguments);
    FutexPrinters.register(arguments);
    PrctlPrinters.register(arguments);
    CloneCall.register(arguments);
    AdministrationPrinters.register(arguments);
    SegmentPrinters.registerArguments(arguments);
    IpcPrinters.registerArguments(arguments);
    HandlePrinters.registerArguments(arguments);
    UringPrinters.register(arguments);
    BpfPrinters.register(arguments);
    KeyPrinters.register(arguments);
    PointerArguments.register(arguments);
  }

  /** The printer of a kind; for one that has none, its register as an address. */
  ArgumentPrinter of(Kind kind) {
    return arguments.getOrDefault(kind.name(), Printers::undecoded);
  }

  /** The printer of what a pointer of a type points to; for one that has none, the address. */
  PointedPrinter type(String type) {
    return types.getOrDefault(type, (context, kind, address) -> context.address(address));
  }

  ResultPrinters results() {
    return results;
  }

  /** Whether a kind is printed by its meaning. */
  boolean decodes(Kind kind) {
    return switch (kind.name()) {
      case "in", "out", "inout" -> types.containsKey(kind.type());
      default -> arguments.containsKey(kind.name());
    };
  }

  private static void undecoded(PrintContext context, Argument argument) {
    context.address(context.register(argument));
  }
}
