package io.sysmon.tests.support;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.decode.FormatOptions;
import io.sysmon.decode.MemoryReader;
import io.sysmon.decode.PendingCall;
import io.sysmon.decode.SyscallFormatter;
import java.util.IdentityHashMap;
import java.util.function.Supplier;

/**
 * Looks at everything that can be looked at, and keeps nothing: both stops of each call with the
 * strings, buffers and structures that the arguments point to, the registers, each signal's
 * siginfo. What only looks must not be noticed.
 */
public final class Observer implements SyscallListener, TraceeListener {
  private static final int ARGUMENTS = 6;

  private final Interest interest;
  private final SyscallFormatter formatter = new SyscallFormatter(new FormatOptions(4096));
  private final IdentityHashMap<TraceeTask, PendingCall> pending = new IdentityHashMap<>();
  private final StringBuilder text = new StringBuilder();
  private final long[] arguments = new long[ARGUMENTS];
  private long characters;
  private int deaths;

  /** Looks at every call. */
  public Observer() {
    this(Interest.all());
  }

  /** Looks at the selected calls, and at everything else that happens. */
  public Observer(Interest interest) {
    this.interest = interest;
  }

  @Override
  public Interest interest() {
    return interest;
  }

  /** What is looked at may be killed in its stop at any moment. Its end will be told. */
  private void look(Supplier<? extends CharSequence> sight) {
    try {
      characters += sight.get().length();
    } catch (TraceeDiedException e) {
      deaths++;
    }
  }

  @Override
  public void onEnter(SyscallEnter call) {
    for (int i = 0; i < ARGUMENTS; i++) {
      int index = i;
      arguments[i] = call.arg(i);
      look(() -> call.findString(index).orElse(""));
    }
    text.setLength(0);
    pending.put(call.task(), formatter.enter(call.signature(), arguments, memory(call), text));
    look(() -> text);
    look(() -> call.snapshot().toString());
  }

  @Override
  public void onExit(SyscallExit call) {
    PendingCall entered = pending.remove(call.task());
    if (entered != null) {
      text.setLength(0);
      formatter.exit(entered, call.result(), memory(call), text);
      formatter.result(entered, call.result(), memory(call), text);
      look(() -> text);
    }
    look(() -> call.snapshot().toString());
  }

  private static MemoryReader memory(SyscallStop call) {
    return (address, into, offset, length) -> {
      try {
        return call.memory().read(address, into, offset, length);
      } catch (TraceeDiedException | TracePermissionException e) {
        // The formatter goes on with what it has.
        return 0;
      }
    };
  }

  @Override
  public void onSignal(SignalStop stop) {
    look(
        () -> {
          text.setLength(0);
          formatter.signal(stop.info().toByteArray(), text);
          return text;
        });
  }

  @Override
  public void onStart(TraceeTask task) {
    look(() -> task.toString());
  }

  @Override
  public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
    look(() -> parent + " " + child + " " + kind);
  }

  @Override
  public void onExec(TraceeTask task, int formerTid) {
    pending.keySet().removeIf(other -> !other.isAlive());
    look(() -> task.toString());
  }

  @Override
  public void onGroupStop(TraceeTask task, Signal signal) {
    look(() -> task + " " + signal);
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    pending.remove(task);
    look(() -> task + " " + status);
  }

  /** How much text it made of what it saw. To be asked when the tracees have ended. */
  public long characters() {
    return characters;
  }

  /** How often something had died before it could be looked at. */
  public int deaths() {
    return deaths;
  }
}
