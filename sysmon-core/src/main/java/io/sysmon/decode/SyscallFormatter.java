package io.sysmon.decode;

import java.util.List;

/**
 * Prints system calls in the form of strace(1), from registers and memory as they are at the two
 * stops of a call. Immutable; may be shared between threads.
 *
 * <pre>{@code
 * PendingCall call = formatter.enter(signature, arguments, memory, line);  // read(3,
 * formatter.exit(call, result, memory, line);                              // "root:x"..., 4096)
 * formatter.result(call, result, memory, line.append(" = "));              // 1024
 * }</pre>
 *
 * <p>Nothing that registers or memory hold makes these methods throw.
 */
public final class SyscallFormatter {
  /** {@code siginfo_t}. */
  private static final int SIGINFO_SIZE = 128;

  private final FormatOptions options;

  /**
   * A formatter.
   *
   * @param options how to print
   */
  public SyscallFormatter(FormatOptions options) {
    this.options = options;
  }

  /**
   * Appends a call's name, {@code (} and its arguments up to the first one that the kernel fills.
   *
   * @param signature the call
   * @param arguments the argument registers, at least as many as the call has
   * @param memory the caller's memory at the entry stop
   * @param out what to append to
   * @return what the exit needs
   */
  public PendingCall enter(
      SyscallSignature signature, long[] arguments, MemoryReader memory, StringBuilder out) {
    return enter(signature, arguments, 0, memory, out);
  }

  /**
   * The same with the stack pointer, near which rt_sigreturn(2) finds what it restores.
   *
   * @param signature the call
   * @param arguments the argument registers, at least as many as the call has
   * @param stackPointer the caller's stack pointer; 0 when it is not known
   * @param memory the caller's memory at the entry stop
   * @param out what to append to
   * @return what the exit needs
   */
  public PendingCall enter(
      SyscallSignature signature,
      long[] arguments,
      long stackPointer,
      MemoryReader memory,
      StringBuilder out) {
    MeantCall meant = MeantCall.of(signature, arguments, memory);
    PendingCall call =
        meant == null
            ? new PendingCall(signature, arguments, stackPointer)
            : new PendingCall(meant.signature(), meant.arguments(), stackPointer);
    return enter(call, PrintContext.entering(options, call, memory, out));
  }

  private static PendingCall enter(PendingCall call, PrintContext context) {
    SyscallSignature signature = call.signature();
    context.out.append(signature.name()).append('(');
    if (CloneCall.is(signature)) {
      boolean complete = CloneCall.enter(context);
      call.printed(complete ? signature.arguments().size() : 2, false);
    } else if (SignalReturn.is(signature)) {
      SignalReturn.print(context);
    } else {
      enterArguments(context, call, signature.arguments());
    }
    return call;
  }

  private static void enterArguments(
      PrintContext context, PendingCall call, List<Argument> arguments) {
    boolean first = true;
    for (int index = 0; index < arguments.size(); index++) {
      Argument argument = arguments.get(index);
      ArgumentPrinter printer = Printers.ALL.of(argument.kind());
      if (printer.isSkipped(context, argument)) {
        continue;
      }
      context.out.append(first ? "" : ", ");
      first = false;
      if (printer.waitsForExit(context, argument)) {
        call.printed(index, false);
        remember(context, arguments.subList(index, arguments.size()));
        return;
      }
      printer.print(context, argument);
      if (printer.hasRest(context, argument)) {
        call.printed(index, true);
        return;
      }
    }
    call.printed(arguments.size(), false);
  }

  private static void remember(PrintContext context, List<Argument> arguments) {
    for (Argument argument : arguments) {
      Printers.ALL.of(argument.kind()).remember(context, argument);
    }
  }

  /**
   * Appends the arguments that {@link #enter} left, and {@code )}.
   *
   * @param call what {@link #enter} returned
   * @param result what the call returned, as in {@link #result}
   * @param memory the caller's memory at the exit stop
   * @param out what to append to
   */
  public void exit(PendingCall call, long result, MemoryReader memory, StringBuilder out) {
    PrintContext context = PrintContext.exiting(options, call, memory, out, result);
    List<Argument> arguments = call.signature().arguments();
    int index = call.argumentsPrinted();
    if (CloneCall.is(call.signature())) {
      if (index < arguments.size()) {
        CloneCall.exit(context);
      }
    } else {
      boolean first = true;
      if (call.isHalfPrinted()) {
        Argument argument = arguments.get(index++);
        Printers.ALL.of(argument.kind()).printRest(context, argument);
        first = false;
      }
      exitArguments(context, arguments.subList(index, arguments.size()), first);
    }
    call.printed(arguments.size(), false);
    out.append(')');
  }

  private static void exitArguments(
      PrintContext context, List<Argument> arguments, boolean firstOfAll) {
    boolean first = firstOfAll;
    for (Argument argument : arguments) {
      ArgumentPrinter printer = Printers.ALL.of(argument.kind());
      if (printer.isSkipped(context, argument)) {
        continue;
      }
      context.out.append(first ? "" : ", ");
      first = false;
      printer.print(context, argument);
      if (printer.hasRest(context, argument)) {
        printer.printRest(context, argument);
      }
    }
  }

  /**
   * Appends what a call returned, and what that means: {@code 3}, {@code 0x7f6dc5ad1000}, {@code -1
   * ENOENT (No such file or directory)}, {@code 0 (Timeout)}, {@code ? ERESTARTSYS (To be restarted
   * if SA_RESTART is set)}.
   *
   * @param call what {@link #enter} returned
   * @param result the result register: minus the errno when the call failed
   * @param memory the caller's memory at the exit stop
   * @param out what to append to
   */
  public void result(PendingCall call, long result, MemoryReader memory, StringBuilder out) {
    Printers.ALL.results().print(PrintContext.exiting(options, call, memory, out, result));
  }

  /**
   * Appends a {@code siginfo_t}: {@code {si_signo=SIGINT, si_code=SI_USER, si_pid=77, si_uid=0}}.
   *
   * @param siginfo its 128 bytes, as the tracer of a 64-bit kernel gets them
   * @param out what to append to
   * @throws IllegalArgumentException when there are fewer bytes
   */
  public void signal(byte[] siginfo, StringBuilder out) {
    if (siginfo.length < SIGINFO_SIZE) {
      throw new IllegalArgumentException(
          "siginfo_t has " + SIGINFO_SIZE + " bytes, not " + siginfo.length);
    }
    SyscallSignature none = SyscallSignature.unknown(AbiLayout.X86_64, 0);
    PendingCall call = new PendingCall(none, new long[0], 0);
    PrintContext context = PrintContext.entering(options, call, MemoryReader.NONE, out);
    SigInfoText.print(context, new StructBytes(siginfo, 0, AbiLayout.X86_64));
  }
}
