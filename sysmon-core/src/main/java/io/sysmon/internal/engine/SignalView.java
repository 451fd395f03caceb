package io.sysmon.internal.engine;

import io.sysmon.SigInfo;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeTask;
import io.sysmon.internal.sys.Ptrace;

/** The view of a signal-delivery-stop. One object serves all stops of a tracer thread, in turn. */
final class SignalView extends StopView implements SignalStop {
  private final Ptrace ptrace;
  private int signal;

  SignalView(Thread owner, Ptrace ptrace) {
    super(owner);
    this.ptrace = ptrace;
  }

  void begin(Task task, int number) {
    begin(task);
    signal = number;
  }

  @Override
  String refusal() {
    return "A signal's view is valid only in the callback that it was handed to, on the tracer's"
        + " thread; keep task(), signal() and info() instead";
  }

  @Override
  public TraceeTask task() {
    return current();
  }

  @Override
  public Signal signal() {
    current();
    return Signal.of(signal);
  }

  @Override
  public SigInfo info() {
    Task task = current();
    byte[] bytes = new byte[SigInfo.SIZE];
    if (ptrace.sigInfo(task.tid(), bytes) < 0) {
      // In a signal-delivery-stop, which there is a siginfo for, only death ends the stop.
      throw new TraceeDiedException(task + " was killed before its signal could be looked at");
    }
    return new SigInfo(bytes);
  }

  @Override
  public String toString() {
    Task task = shown();
    return task == null ? "no signal" : Signal.of(signal).name() + " for " + task;
  }
}
