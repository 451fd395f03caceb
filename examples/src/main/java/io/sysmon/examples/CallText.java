package io.sysmon.examples;

import io.sysmon.SignalStop;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallStop;
import io.sysmon.decode.MemoryReader;
import io.sysmon.decode.PendingCall;
import io.sysmon.decode.SyscallFormatter;
import io.sysmon.fault.FaultInjector;
import io.sysmon.fault.Tampering;
import java.util.Set;

/** Prints calls and signals at their stops, for all forms of output alike. Tracer thread only. */
final class CallText {
  private static final int ARGUMENTS = 6;

  private final SyscallFormatter formatter;
  private final Descriptors descriptors;
  private final FaultInjector faults;
  private final long[] arguments = new long[ARGUMENTS];

  /**
   * A call that has begun.
   *
   * @param injected what follows its result when rules were for it
   */
  record Begun(PendingCall call, String injected) {
    String name() {
      return call.signature().name();
    }
  }

  /**
   * Prints calls.
   *
   * @param faults asked what they do to a call, at its entry
   */
  CallText(SyscallFormatter formatter, Descriptors descriptors, FaultInjector faults) {
    this.formatter = formatter;
    this.descriptors = descriptors;
    this.faults = faults;
  }

  /**
   * Appends what is known of a call at its entry.
   *
   * @return what {@link #exit} needs
   */
  Begun enter(SyscallStop call, StringBuilder out) {
    for (int i = 0; i < ARGUMENTS; i++) {
      arguments[i] = call.arg(i);
    }
    PendingCall pending =
        formatter.enter(call.signature(), arguments, call.stackPointer(), memory(call), out);
    return new Begun(pending, injected(faults.tampering(call)));
  }

  /** As strace(1) has it. */
  private static String injected(Set<Tampering> what) {
    boolean result = what.contains(Tampering.RESULT);
    boolean arguments = what.contains(Tampering.ARGUMENTS);
    String injected =
        arguments ? " (INJECTED: args" + (result ? ", retval)" : ")") : result ? " (INJECTED)" : "";
    return what.contains(Tampering.DELAY) ? injected + " (DELAYED)" : injected;
  }

  /**
   * Appends the rest.
   *
   * @param begun what {@link #enter} has returned
   * @param rest gets the other arguments, and the closing parenthesis
   * @param result gets what follows {@code =}
   */
  void exit(Begun begun, SyscallExit stop, StringBuilder rest, StringBuilder result) {
    MemoryReader memory = memory(stop);
    formatter.exit(begun.call, stop.result(), memory, rest);
    formatter.result(begun.call, stop.result(), memory, result);
    result.append(begun.injected);
  }

  private MemoryReader memory(SyscallStop call) {
    return new CallMemory(call, descriptors);
  }

  /** Appends what a program is told of a signal. */
  void signal(SignalStop stop, StringBuilder out) {
    formatter.signal(stop.info().toByteArray(), out);
  }
}
