package io.sysmon.examples;

import io.sysmon.SignalStop;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallStop;
import io.sysmon.decode.MemoryReader;
import io.sysmon.decode.PendingCall;
import io.sysmon.decode.SyscallFormatter;

/** Prints calls and signals at their stops, for all forms of output alike. Tracer thread only. */
final class CallText {
  private static final int ARGUMENTS = 6;

  private final SyscallFormatter formatter;
  private final Descriptors descriptors;
  private final long[] arguments = new long[ARGUMENTS];

  CallText(SyscallFormatter formatter, Descriptors descriptors) {
    this.formatter = formatter;
    this.descriptors = descriptors;
  }

  /**
   * Appends what is known of a call at its entry.
   *
   * @return what {@link #exit} needs
   */
  PendingCall enter(SyscallStop call, StringBuilder out) {
    for (int i = 0; i < ARGUMENTS; i++) {
      arguments[i] = call.arg(i);
    }
    return formatter.enter(call.signature(), arguments, call.stackPointer(), memory(call), out);
  }

  /**
   * Appends the rest.
   *
   * @param call what {@link #enter} has returned
   * @param rest gets the other arguments, and the closing parenthesis
   * @param result gets what follows {@code =}
   */
  void exit(PendingCall call, SyscallExit stop, StringBuilder rest, StringBuilder result) {
    MemoryReader memory = memory(stop);
    formatter.exit(call, stop.result(), memory, rest);
    formatter.result(call, stop.result(), memory, result);
  }

  private MemoryReader memory(SyscallStop call) {
    return new CallMemory(call, descriptors);
  }

  /** Appends what a program is told of a signal. */
  void signal(SignalStop stop, StringBuilder out) {
    formatter.signal(stop.info().toByteArray(), out);
  }
}
