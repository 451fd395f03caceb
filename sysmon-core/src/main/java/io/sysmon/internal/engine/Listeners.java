package io.sysmon.internal.engine;

import io.sysmon.CodeStop;
import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.ListenerFailedException;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeListener;
import io.sysmon.decode.SyscallNumbers;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

  private final List<SyscallNumbers> abis;
  private final SyscallListener[] forSyscalls;
  private final TraceeListener[] forTracees;
  private final @Nullable Consumer<? super ListenerFailedException> failureHandler;

  /** What any listener wants: [abi][index], by {@link SyscallNumbers#index}. */
  private final byte[][] anyone;

  /** What one listener wants: [listener][abi][index]. */
  private final byte[][][] each;

  /** With which errno a call is to fail, or 0: [abi][index]. */
  private final short[][] failures;

  private final boolean wantsSyscalls;
  private final boolean haveFailures;
  private final boolean wantsEverySyscall;

  /** The callbacks whose first failure has been logged, each with its place. */
  private final Set<String> logged = ConcurrentHashMap.newKeySet();

  Listeners(
      List<Listener> listeners,
      List<FailRule> failRules,
      List<SyscallNumbers> abis,
      @Nullable Consumer<? super ListenerFailedException> failureHandler) {
    this.failureHandler = failureHandler;
    this.abis = abis;
    forSyscalls = only(listeners, SyscallListener.class).toArray(SyscallListener[]::new);
    forTracees = only(listeners, TraceeListener.class).toArray(TraceeListener[]::new);
    each = new byte[forSyscalls.length][abis.size()][];
    anyone = new byte[abis.size()][];
    Interest[] interests = new Interest[forSyscalls.length];
    boolean some = false;
    for (int i = 0; i < forSyscalls.length; i++) {
      interests[i] = interest(forSyscalls[i]);
      some |= !interests[i].isEmpty();
    }
    for (int abi = 0; abi < anyone.length; abi++) {
      anyone[abi] = new byte[abis.get(abi).indexes()];
      for (int i = 0; i < forSyscalls.length; i++) {
        each[i][abi] = compile(interests[i], abis.get(abi));
        for (int index = 0; index < anyone[abi].length; index++) {
          anyone[abi][index] |= each[i][abi][index];
        }
      }
    }
    failures = abis.stream().map(abi -> failures(failRules, abi)).toArray(short[][]::new);
    haveFailures = !failRules.isEmpty();
    wantsSyscalls = some || haveFailures;
    boolean all = true;
    for (byte[] wanted : anyone) {
      for (byte stops : wanted) {
        all &= stops != 0;
      }
    }
    wantsEverySyscall = all;
  }

  private static <T extends Listener> Stream<T> only(List<Listener> listeners, Class<T> type) {
    return listeners.stream().filter(type::isInstance).map(type::cast);
  }

  private static Interest interest(SyscallListener listener) {
    Interest interest = listener.interest();
    if (interest == null) {
      throw new NullPointerException(
          listener.getClass().getName()
              + ".interest() returned null; return Interest.none() to see no call");
    }
    return interest;
  }

  private static byte[] compile(Interest interest, SyscallNumbers numbers) {
    byte[] wanted = new byte[numbers.indexes()];
    for (int index = 0; index < wanted.length; index++) {
      String name = numbers.at(index).name();
      wanted[index] =
          (byte) ((interest.wantsEnter(name) ? ENTER : 0) | (interest.wantsExit(name) ? EXIT : 0));
    }
    return wanted;
  }

  /** The tables of the ABIs, in the order of the architecture's list. */
  List<SyscallNumbers> abis() {
    return abis;
  }

  private static short[] failures(List<FailRule> rules, SyscallNumbers numbers) {
    short[] errnos = new short[numbers.indexes()];
    for (int index = 0; index < errnos.length; index++) {
      String name = numbers.at(index).name();
      for (FailRule rule : rules) {
        if (rule.calls().wantsEnter(name)) {
          errnos[index] = (short) rule.errno().number();
        }
      }
    }
    return errnos;
  }

  /** With which errno a call is to fail; 0 when it is to be made. */
  int failure(int abi, int index) {
    return failures[abi][index];
  }

  int failure(Task task) {
    return failures[task.abi][task.index];
  }

  /** A call that is to fail was made all the same. */
  void couldNotFail(Task task, TraceException e) {
    failed("Tracer.Builder.fail", task, e);
  }

  /** Whether any system call stop is wanted at all. */
  boolean wantsSyscalls() {
    return wantsSyscalls;
  }

  /** Whether no call is left out, as by {@link Interest#all()}. */
  boolean wantsEverySyscall() {
    return wantsEverySyscall;
  }

  /** Whether also calls are wanted that have no name. */
  boolean wantsUnnamed() {
    byte[] first = anyone[0];
    // The last index stands for them.
    return first[first.length - 1] != 0;
  }

  /** Whether a call's entry or exit is wanted. */
  boolean wants(int abi, int index) {
    return anyone[abi][index] != 0;
  }

  /** Whether a call may stop, or fail, where there is a filter of ours. */
  boolean stopsOrFails(int abi, String name) {
    SyscallNumbers numbers = abis.get(abi);
    int number = numbers.number(name);
    int index = number < 0 ? -1 : numbers.index(number);
    return index < 0 || wants(abi, index) || failure(abi, index) != 0;
  }

  boolean wantsEnter(Task task) {
    return wants(task, ENTER);
  }

  boolean wantsExit(Task task) {
    return wants(task, EXIT);
  }

  private boolean wants(Task task, int what) {
    Told told = task.process().told();
    return (anyone[task.abi][task.index] & what) != 0
        && (told == null || told.includes(task, what));
  }

  /** What is left of what listeners want when a process is narrowed to an interest. */
  Told narrowed(Interest interest) {
    byte[][] calls = new byte[anyone.length][];
    boolean some = false;
    for (int abi = 0; abi < calls.length; abi++) {
      calls[abi] = compile(interest, abis.get(abi));
      for (int index = 0; index < calls[abi].length; index++) {
        some |= (calls[abi][index] & anyone[abi][index]) != 0;
      }
    }
    return new Told(calls, !some && !haveFailures);
  }

  void onEnter(EnterView view, Task task) {
    for (int i = 0; i < forSyscalls.length; i++) {
      if ((each[i][task.abi][task.index] & ENTER) != 0) {
        view.mark();
        try {
          forSyscalls[i].onEnter(view);
        } catch (Throwable e) {
          view.undo();
          failed(forSyscalls[i], "onEnter", task, e);
        }
      }
    }
  }

  void onExit(ExitView view, Task task) {
    for (int i = 0; i < forSyscalls.length; i++) {
      if ((each[i][task.abi][task.index] & EXIT) != 0) {
        view.mark();
        try {
          forSyscalls[i].onExit(view);
        } catch (Throwable e) {
          view.undo();
          failed(forSyscalls[i], "onExit", task, e);
        }
      }
    }
  }

  /** Runs the answer to a held call, under the rules of a callback. */
  void onAnswer(EnterView view, Task task, Consumer<? super SyscallEnter> rewrite) {
    view.mark();
    try {
      rewrite.accept(view);
    } catch (Throwable e) {
      view.undo();
      failed(rewrite, "answer", task, e);
    }
  }

  /** Runs the callback of a breakpoint or a step. */
  void onCodeStop(CodeView view, Task task, Consumer<? super CodeStop> callback) {
    try {
      callback.accept(view);
    } catch (Throwable e) {
      failed(callback, "code stop", task, e);
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
    for (TraceeListener listener : forTracees) {
      view.mark();
      try {
        listener.onSignal(view);
      } catch (Throwable e) {
        view.undo();
        failed(listener, "onSignal", task, e);
      }
    }
  }

  void onGroupStop(Task task, Signal signal) {
    tell(task, "onGroupStop", listener -> listener.onGroupStop(task, signal));
  }

  void onExit(Task task, ExitStatus status) {
    tell(task, "onExit", listener -> listener.onExit(task, status));
  }

  void onDetach(Task task) {
    tell(task, "onDetach", listener -> listener.onDetach(task));
  }

  /** On the thread that closes the tracer, when its own threads have ended. */
  void onClose() {
    for (TraceeListener listener : forTracees) {
      try {
        listener.onClose();
      } catch (Throwable e) {
        log(listener.getClass().getName() + ".onClose", e);
      }
    }
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
  private void failed(Object listener, String what, Task task, Throwable e) {
    failed(listener.getClass().getName() + "." + what, task, e);
  }

  private void failed(String callback, Task task, Throwable e) {
    if (e instanceof TraceeDiedException) {
      return;
    }
    ListenerFailedException failure =
        new ListenerFailedException(callback + " for " + task + " threw " + described(e), e);
    // Its cause says where; the tracer's own frames say nothing, many times over.
    failure.setStackTrace(new StackTraceElement[0]);
    task.process().failures().add(failure);
    if (failureHandler == null) {
      log(callback, failure, e);
      return;
    }
    try {
      failureHandler.accept(failure);
    } catch (Throwable handlerFailure) {
      if (handlerFailure != failure) {
        failure.addSuppressed(handlerFailure);
        log("The listener failure handler threw", handlerFailure);
      }
    }
  }

  /** Its own words are the application's code, which may throw. */
  private static String described(Throwable e) {
    try {
      return e.toString();
    } catch (Throwable broken) {
      return e.getClass().getName();
    }
  }

  /** A logger's handlers are the application's code too, and print what was thrown. */
  private static void log(String message, Throwable e) {
    try {
      LOG.log(System.Logger.Level.ERROR, message, e);
    } catch (Throwable broken) {
      // The failure is recorded all the same; whoever waits for the tracee is told.
    }
  }

  /**
   * The first failure of each callback at each place: a listener that always fails would drown the
   * log.
   */
  private void log(String callback, ListenerFailedException failure, Throwable cause) {
    if (logged.add(callback + " " + place(cause))) {
      log(
          failure.getMessage() + " (further failures of this callback there are not logged)",
          cause);
    }
  }

  /** Where the callback was, as a hash: two of one class may be given different code. */
  private static int place(Throwable e) {
    try {
      return Arrays.stream(e.getStackTrace())
          .takeWhile(frame -> !frame.getClassName().equals(Listeners.class.getName()))
          .toList()
          .hashCode();
    } catch (Throwable broken) {
      return 0;
    }
  }
}
