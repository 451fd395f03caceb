package io.sysmon.internal.engine;

import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;

/** Asks the listeners what is to become of a signal. Tracer thread. */
final class SignalStops {
  private final Thread owner;
  private final Ptrace ptrace;
  private final Architecture architecture;
  private final Listeners listeners;
  private final VmTransfer transfer;
  private final SignalView view;

  SignalStops(
      Thread owner,
      Ptrace ptrace,
      Architecture architecture,
      Listeners listeners,
      VmTransfer transfer) {
    this.transfer = transfer;
    this.owner = owner;
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.listeners = listeners;
    view = newView();
  }

  private SignalView newView() {
    return new SignalView(owner, ptrace, architecture, transfer);
  }

  /**
   * Takes up a signal-delivery-stop.
   *
   * @return the signal to resume with, or 0
   */
  int decide(Task task, int signal) {
    return decide(task, signal, view);
  }

  /**
   * The same at the stop of a signal that comes while a call is being injected: within a callback
   * perhaps, be it one that is asked about another signal.
   */
  int decideDuringCall(Task task, int signal) {
    return decide(task, signal, newView());
  }

  private int decide(Task task, int signal, SignalView asked) {
    if (!listeners.hasTraceeListeners()) {
      return signal;
    }
    asked.begin(task, signal);
    listeners.onSignal(task, asked);
    return asked.decide();
  }
}
