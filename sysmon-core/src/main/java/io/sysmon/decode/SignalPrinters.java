package io.sysmon.decode;

import io.sysmon.BadAddressException;
import java.util.Map;

/** Printers of signal sets, dispositions and what a signal carries. */
final class SignalPrinters {
  private static final int SIGSET_SIZE = 8;

  private static final int SIGEV_SIGNAL = 0;
  private static final int SIGEV_THREAD = 2;
  private static final int SIGEV_THREAD_ID = 4;

  private SignalPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("sigevent", new FixedStruct(abi -> 3 * abi.wordSize() + 8, SignalPrinters::event));
    types.put(
        "sigset",
        new TypedPrinter(
            SignalPrinters::pointedSet,
            ValueReader.one(SignalSet.class, SignalPrinters::requireSet)));
    types.put(
        "old_sigset",
        FixedStruct.of(
            SignalSet.class,
            abi -> 4,
            s -> new SignalSet(s.u32(0), 32),
            (c, set) -> c.out.append(set)));
    types.put("sigset_argpack", SignalPrinters::argpack);
    types.put(
        "sigaction",
        FixedStruct.of(SigAction.class, SigAction::size, SigAction::of, SignalPrinters::action));
    types.put(
        "old_sigaction",
        FixedStruct.of(
            SigAction.class, abi -> SigAction.OLD_SIZE, SigAction::old, SignalPrinters::action));
    types.put(
        "stack",
        FixedStruct.of(
            SignalStack.class, SignalStack::size, SignalStack::of, SignalPrinters::stack));
    types.put("siginfo", new FixedStruct(abi -> 128, SigInfoText::print));
  }

  static void handler(PrintContext context, long address) {
    if (address == 0) {
      context.out.append("SIG_DFL");
    } else if (address == 1) {
      context.out.append("SIG_IGN");
    } else if (context.abi.truncate(address) == context.abi.truncate(-1)) {
      context.out.append("SIG_ERR");
    } else {
      context.address(address);
    }
  }

  private static void pointedSet(PrintContext context, Kind kind, long address) {
    set(context, address, context.reference(kind, "size", SIGSET_SIZE));
  }

  /** The kernel takes sets of one size only. */
  private static void set(PrintContext context, long address, long size) {
    StructBytes bytes = size == SIGSET_SIZE ? context.struct(address, SIGSET_SIZE) : null;
    if (bytes == null) {
      context.address(address);
    } else {
      context.out.append(new SignalSet(bytes.i64(0), 64));
    }
  }

  private static SignalSet requireSet(CallContext context, Kind kind, long address) {
    long size = context.reference(kind, "size", SIGSET_SIZE);
    if (size != SIGSET_SIZE) {
      throw new BadAddressException(
          "The kernel reads no set of " + Long.toUnsignedString(size) + " bytes", address, 0);
    }
    return new SignalSet(context.requireStruct(address, SIGSET_SIZE).i64(0), 64);
  }

  /** The sixth argument of pselect6(2): a pointer to a set and the set's size. */
  private static void argpack(PrintContext context, Kind kind, long address) {
    int word = context.abi.wordSize();
    StructBytes pack = context.struct(address, 2 * word);
    if (pack == null) {
      context.address(address);
      return;
    }
    context.out.append("{sigmask=");
    set(context, pack.word(0), pack.word(word));
    context.out.append(", sigsetsize=").append(Long.toUnsignedString(pack.word(word))).append('}');
  }

  /**
   * {@code struct sigevent}, of words: {@code value 0 signo:4 notify:4}, and the id of a thread or
   * a function and its attributes.
   */
  private static void event(PrintContext context, StructBytes event) {
    int word = context.abi.wordSize();
    int number = event.i32(word);
    int notify = event.i32(word + 4);
    FieldText fields = new FieldText(context);
    if (event.word(0) != 0) {
      fields.value("sigev_value", c -> eventValue(c, event));
    }
    boolean isSignal =
        notify == SIGEV_SIGNAL || notify == SIGEV_THREAD || notify == SIGEV_THREAD_ID;
    if (isSignal) {
      fields.value("sigev_signo", c -> ScalarPrinters.signal(c, number));
    } else {
      fields.unsigned("sigev_signo", Integer.toUnsignedLong(number));
    }
    fields.constant("sigev_notify", "sigev_notify", Integer.toUnsignedLong(notify));
    if (notify == SIGEV_THREAD_ID) {
      fields.signed("sigev_notify_thread_id", event.i32(word + 8));
    } else if (notify == SIGEV_THREAD) {
      fields.address("sigev_notify_function", event.word(word + 8));
      fields.address("sigev_notify_attributes", event.word(2 * word + 8));
    }
    fields.end();
  }

  private static void eventValue(PrintContext context, StructBytes event) {
    new FieldText(context)
        .signed("sival_int", event.i32(0))
        .address("sival_ptr", event.word(0))
        .end();
  }

  private static void action(PrintContext context, SigAction action) {
    StringBuilder out = context.out.append("{sa_handler=");
    handler(context, action.handler());
    out.append(", sa_mask=").append(action.mask());
    out.append(", sa_flags=").append(action.flags());
    if (action.hasRestorer()) {
      out.append(", sa_restorer=");
      context.address(action.restorer());
    }
    out.append('}');
  }

  private static void stack(PrintContext context, SignalStack stack) {
    StringBuilder out = context.out.append("{ss_sp=");
    context.address(stack.address());
    out.append(", ss_flags=").append(stack.flags());
    out.append(", ss_size=").append(Long.toUnsignedString(stack.size())).append('}');
  }
}
