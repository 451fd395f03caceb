package io.sysmon.internal.engine;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.SigInfo;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeTask;
import io.sysmon.internal.sys.Ptrace;
import org.jspecify.annotations.Nullable;

/** The view of a signal-delivery-stop. One object serves all stops of a tracer thread, in turn. */
final class SignalView implements SignalStop {
  private final Thread owner;
  private final Ptrace ptrace;
  private @Nullable Task current;
  private int signal;

  SignalView(Thread owner, Ptrace ptrace) {
    this.owner = owner;
    this.ptrace = ptrace;
  }

  void begin(Task task, int number) {
    current = task;
    signal = number;
  }

  void end() {
    current = null;
  }

  private Task current() {
    Task task = current;
    if (Thread.currentThread() != owner || task == null) {
      throw new IllegalTraceeStateException(
          "A signal's view is valid only in the callback that it was handed to, on the tracer's"
              + " thread; keep task(), signal() and info() instead");
    }
    return task;
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
    Task task = current;
    return task == null ? "no signal" : Signal.of(signal).name() + " for " + task;
  }
}
