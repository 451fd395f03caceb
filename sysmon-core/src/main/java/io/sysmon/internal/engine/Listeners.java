package io.sysmon.internal.engine;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.ListenerFailedException;
import io.sysmon.Signal;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeListener;
import io.sysmon.decode.SyscallNumbers;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Calls the listeners, in their order, and keeps what they throw away from the tracee. Which system
 * calls each wants is compiled to one byte per ABI and number, so that a stop that nobody wants
 * costs one look.
 */
final class Listeners {
  private static final System.Logger LOG = System.getLogger("io.sysmon.listener");
  private static final int ENTER = 1;
  private static final int EXIT = 2;

  private final SyscallListener[] forSyscalls;
  private final TraceeListener[] forTracees;
  private final @Nullable Consumer<? super ListenerFailedException> failureHandler;

  /** What any listener wants: [abi][index], by {@link SyscallNumbers#index}. */
  private final byte[][] anyone;

  /** What one listener wants: [listener][abi][index]. */
  private final byte[][][] each;

  private final boolean wantsSyscalls;

  Listeners(
      List<Listener> listeners,
      List<SyscallNumbers> abis,
      @Nullable Consumer<? super ListenerFailedException> failureHandler) {
    this.failureHandler = failureHandler;
    forSyscalls = only(listeners, SyscallListener.class).toArray(SyscallListener[]::new);
    forTracees = only(listeners, TraceeListener.class).toArray(TraceeListener[]::new);
    each = new byte[forSyscalls.length][abis.size()][];
    anyone = new byte[abis.size()][];
    boolean some = false;
    for (int abi = 0; abi < anyone.length; abi++) {
      anyone[abi] = new byte[abis.get(abi).indexes()];
      for (int i = 0; i < forSyscalls.length; i++) {
        Interest interest = forSyscalls[i].interest();
        some |= !interest.isEmpty();
        each[i][abi] = compile(interest, abis.get(abi));
        for (int index = 0; index < anyone[abi].length; index++) {
          anyone[abi][index] |= each[i][abi][index];
        }
      }
    }
    wantsSyscalls = some;
  }

  private static <T extends Listener> Stream<T> only(List<Listener> listeners, Class<T> type) {
    return listeners.stream().filter(type::isInstance).map(type::cast);
  }

  private static byte[] compile(Interest interest, SyscallNumbers numbers) {
    byte[] wanted = new byte[numbers.indexes()];
    for (int index = 0; index < wanted.length; index++) {
      String name = numbers.byNumber(numbers.numberAt(index)).name();
      wanted[index] =
          (byte) ((interest.wantsEnter(name) ? ENTER : 0) | (interest.wantsExit(name) ? EXIT : 0));
    }
    return wanted;
  }

  /** Whether any system call stop is wanted at all. */
  boolean wantsSyscalls() {
    return wantsSyscalls;
  }

  boolean wantsEnter(Task task) {
    return (anyone[task.abi][task.index] & ENTER) != 0;
  }

  boolean wantsExit(Task task) {
    return (anyone[task.abi][task.index] & EXIT) != 0;
  }

  void onEnter(EnterView view, Task task) {
    for (int i = 0; i < forSyscalls.length; i++) {
      if ((each[i][task.abi][task.index] & ENTER) != 0) {
        try {
          forSyscalls[i].onEnter(view);
        } catch (Throwable e) {
          failed(forSyscalls[i], "onEnter", task, e);
        }
      }
    }
  }

  void onExit(ExitView view, Task task) {
    for (int i = 0; i < forSyscalls.length; i++) {
      if ((each[i][task.abi][task.index] & EXIT) != 0) {
        try {
          forSyscalls[i].onExit(view);
        } catch (Throwable e) {
          failed(forSyscalls[i], "onExit", task, e);
        }
      }
    }
  }

  void onStart(Task task) {
    tell(task, "onStart", listener -> listener.onStart(task));
  }

  void onFork(Task parent, Task child, TraceeListener.ForkKind kind) {
    tell(parent, "onFork", listener -> listener.onFork(parent, child, kind));
  }

  void onExec(Task task, int formerTid) {
    tell(task, "onExec", listener -> listener.onExec(task, formerTid));
  }

  void onSignal(Task task, SignalView view) {
    tell(task, "onSignal", listener -> listener.onSignal(view));
  }

  void onGroupStop(Task task, Signal signal) {
    tell(task, "onGroupStop", listener -> listener.onGroupStop(task, signal));
  }

  void onExit(Task task, ExitStatus status) {
    tell(task, "onExit", listener -> listener.onExit(task, status));
  }

  boolean hasTraceeListeners() {
    return forTracees.length > 0;
  }

  private void tell(Task task, String callback, Consumer<TraceeListener> call) {
    for (TraceeListener listener : forTracees) {
      try {
        call.accept(listener);
      } catch (Throwable e) {
        failed(listener, callback, task, e);
      }
    }
  }

  /** Every kind of throwable, AssertionError above all: a callback must not stop the tracer. */
  private void failed(Listener listener, String callback, Task task, Throwable e) {
    if (e instanceof TraceeDiedException) {
      return;
    }
    ListenerFailedException failure =
        new ListenerFailedException(
            listener.getClass().getName() + "." + callback + " for " + task + " threw " + e, e);
    task.process().failures().add(failure);
    if (failureHandler == null) {
      LOG.log(System.Logger.Level.ERROR, failure.getMessage(), e);
      return;
    }
    try {
      failureHandler.accept(failure);
    } catch (Throwable handlerFailure) {
      failure.addSuppressed(handlerFailure);
      LOG.log(System.Logger.Level.ERROR, "The listener failure handler threw", handlerFailure);
    }
  }
}
