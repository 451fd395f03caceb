package io.sysmon.tests.support;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks, event by event, what {@link TraceeListener} and {@link SyscallListener} promise about
 * order. What it finds is kept for {@link #verify()}, and not thrown: the tracer must be judged by
 * what it told, not by how it takes a listener that fails.
 */
public final class Contract implements SyscallListener, TraceeListener {
  private static final int MOST_VIOLATIONS = 20;
  private static final int MOST_HISTORY = 40;

  private final Interest interest;
  private final boolean attaching;
  private final boolean childrenMayLackFork;
  private final IdentityHashMap<TraceeTask, State> known = new IdentityHashMap<>();
  private final Map<Integer, TraceeTask> livingByTid = new HashMap<>();
  private final List<String> violations = new ArrayList<>();
  private final List<String> history = new ArrayList<>();
  private @Nullable TraceeTask announced;
  private int forks;
  private int starts;
  private int execs;
  private int ends;

  private static final class State {
    boolean ended;
    @Nullable String call;

    /** It was attached, and nothing is known yet of the call that it may be in. */
    boolean mayBeInCall;
  }

  private Contract(Interest interest, boolean attaching, boolean childrenMayLackFork) {
    this.interest = interest;
    this.attaching = attaching;
    this.childrenMayLackFork = childrenMayLackFork;
  }

  /** A contract for programs whose tasks live until they end by themselves. */
  public static Contract of(Interest interest) {
    return new Contract(interest, false, false);
  }

  /**
   * A contract for programs that are killed in the middle of a fork, or that fork in one thread
   * while another one calls execve: their children may have an {@code onStart} only.
   */
  public static Contract ofDying(Interest interest) {
    return new Contract(interest, false, true);
  }

  /** A contract for processes that are attached while they run. */
  public static Contract ofAttaching(Interest interest) {
    return new Contract(interest, true, false);
  }

  @Override
  public Interest interest() {
    return interest;
  }

  private synchronized void note(String event) {
    history.add(event);
    if (history.size() > MOST_HISTORY) {
      history.remove(0);
    }
  }

  private void wrong(String what) {
    if (violations.size() < MOST_VIOLATIONS) {
      violations.add(what + ", after:\n      " + String.join("\n      ", history));
    }
  }

  /** The state of a task that must be alive, and no fork left without its start. */
  private @Nullable State living(TraceeTask task, String event) {
    note(event + " " + task);
    if (announced != null) {
      wrong(event + " of " + task + " between onFork and onStart of " + announced);
      announced = null;
    }
    State state = known.get(task);
    if (state == null) {
      wrong(event + " of " + task + ", which has not started");
    } else if (state.ended) {
      wrong(event + " of " + task + ", which has ended");
    } else if (livingByTid.get(task.tid()) != task) {
      wrong(event + " of " + task + ", but its id is " + livingByTid.get(task.tid()) + "'s");
    }
    return state;
  }

  @Override
  public synchronized void onStart(TraceeTask task) {
    note("onStart " + task);
    starts++;
    boolean wasAnnounced = task == announced;
    if (announced != null && !wasAnnounced) {
      wrong("onStart of " + task + ", but onFork had announced " + announced);
    }
    announced = null;
    State state = new State();
    state.mayBeInCall = attaching && !wasAnnounced;
    if (known.put(task, state) != null) {
      wrong("a second onStart of " + task);
    }
    if (!task.isAlive()) {
      wrong("onStart of " + task + ", which is not alive");
    }
    TraceeTask other = livingByTid.put(task.tid(), task);
    if (other != null) {
      wrong("onStart of " + task + ", but there is a living " + other);
    }
    boolean launched = task.tracee().parent().isEmpty() && task.tid() == task.pid();
    boolean attached = attaching && task.tracee().parent().isEmpty();
    if (!wasAnnounced && !launched && !attached && !childrenMayLackFork) {
      wrong("onStart of " + task + " without an onFork");
    }
    if (!task.tracee().tasks().contains(task)) {
      wrong("onStart of " + task + ", which its process does not have");
    }
  }

  @Override
  public synchronized void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
    living(parent, "onFork");
    forks++;
    if (known.containsKey(child)) {
      wrong("onFork of " + child + " after its onStart");
      return;
    }
    announced = child;
    boolean thread = child.tid() != child.pid();
    if (thread && child.pid() != parent.pid()) {
      wrong("onFork: thread " + child + " of another process than " + parent);
    }
    if (thread && kind != ForkKind.CLONE) {
      wrong("onFork: thread " + child + " by " + kind);
    }
    if (!thread && child.tracee().parent().orElse(null) != parent.tracee()) {
      wrong("onFork: the parent of " + child + " is not " + parent);
    }
    State state = known.get(parent);
    if (state != null && state.call != null && !isFork(state.call)) {
      wrong("onFork by " + parent + " in " + state.call);
    }
  }

  private static boolean isFork(String call) {
    return Set.of("fork", "vfork", "clone", "clone3").contains(call);
  }

  @Override
  public synchronized void onExec(TraceeTask task, int formerTid) {
    if (formerTid != task.tid() && livingByTid.get(formerTid) == task) {
      livingByTid.remove(formerTid);
      TraceeTask leader = livingByTid.put(task.tid(), task);
      if (leader != null) {
        wrong("onExec of " + task + ", but its leader has not ended");
      }
    }
    State state = living(task, "onExec");
    execs++;
    if (task.tid() != task.pid()) {
      wrong("onExec of " + task + ", which is not the leader");
    }
    if (state != null && state.call != null && !state.call.startsWith("execve")) {
      wrong("onExec of " + task + " in " + state.call);
    }
  }

  @Override
  public synchronized void onSignal(SignalStop stop) {
    living(stop.task(), "onSignal " + stop.signal());
    if (stop.signal().equals(Signal.SIGKILL)) {
      wrong("onSignal with SIGKILL");
    }
  }

  @Override
  public synchronized void onGroupStop(TraceeTask task, Signal signal) {
    living(task, "onGroupStop " + signal);
  }

  @Override
  public synchronized void onEnter(SyscallEnter call) {
    State state = living(call.task(), "onEnter " + call.name());
    checkIds(call);
    if (state != null) {
      if (state.call != null) {
        wrong("onEnter of " + call.name() + " by " + call.task() + " in " + state.call);
      }
      state.call = call.name();
      state.mayBeInCall = false;
    }
  }

  @Override
  public synchronized void onExit(SyscallExit call) {
    State state = living(call.task(), "onExit " + call.name() + " = " + call.result());
    checkIds(call);
    if (state != null) {
      if (!call.name().equals(state.call) && !(state.call == null && state.mayBeInCall)) {
        wrong("onExit of " + call.name() + " by " + call.task() + " in " + state.call);
      }
      state.call = null;
      state.mayBeInCall = false;
    }
  }

  private void checkIds(SyscallStop call) {
    if (call.tid() != call.task().tid() || call.pid() != call.task().pid()) {
      wrong(call + " of " + call.tid() + " in " + call.pid() + ", but its task is " + call.task());
    }
  }

  @Override
  public synchronized void onExit(TraceeTask task, ExitStatus status) {
    State state = known.get(task);
    if (status.supersededBy() != 0) {
      // Told from within the execve of a thread that has the leader's id by now.
      note("onExit " + task + " " + status);
      if (livingByTid.get(status.supersededBy()) == null) {
        wrong(task + " was " + status + ", which does not live");
      }
    } else {
      state = living(task, "onExit " + status);
    }
    if (state != null
        && status.isExited()
        && state.call != null
        && !mayNotReturn(state.call, task)) {
      wrong("onExit of " + task + ", " + status + ", in " + state.call);
    }
    over("onExit", task, state);
  }

  @Override
  public synchronized void onDetach(TraceeTask task) {
    over("onDetach", task, living(task, "onDetach"));
  }

  /** The last that is told of a task. */
  private void over(String event, TraceeTask task, @Nullable State state) {
    ends++;
    if (state != null && state.ended) {
      wrong("a second end of " + task + ", by " + event);
    }
    if (state != null) {
      state.ended = true;
    }
    if (task.isAlive()) {
      wrong(event + " of " + task + ", which is still alive");
    }
    if (task.tracee().tasks().contains(task)) {
      wrong(event + " of " + task + ", which its process still has");
    }
    livingByTid.remove(task.tid(), task);
  }

  /** Another thread's exit_group or execve may end a task in any call, be it one not attached. */
  private boolean mayNotReturn(String call, TraceeTask task) {
    return attaching
        || call.startsWith("exit")
        || known.entrySet().stream()
            .anyMatch(entry -> entry.getKey() != task && entry.getKey().tracee() == task.tracee());
  }

  /** How many processes and threads started, the launched ones among them. */
  public synchronized int starts() {
    return starts;
  }

  /** How many forks, vforks and clones there were. */
  public synchronized int forks() {
    return forks;
  }

  /** How many programs were executed. */
  public synchronized int execs() {
    return execs;
  }

  /** What happened last, to explain a failure. */
  public synchronized List<String> history() {
    return List.copyOf(history);
  }

  /** Throws what was wrong, also tasks that started and have not ended. To be called at the end. */
  public synchronized void verify() {
    if (announced != null) {
      wrong("no onStart followed the onFork of " + announced);
    }
    Set<TraceeTask> alive = new HashSet<>();
    known.forEach(
        (task, state) -> {
          if (!state.ended) {
            alive.add(task);
          }
        });
    if (!alive.isEmpty()) {
      wrong("neither onExit nor onDetach of " + alive);
    }
    if (starts != ends) {
      wrong(starts + " tasks started and " + ends + " ended");
    }
    if (!violations.isEmpty()) {
      throw new AssertionError(
          "The listener contract was broken:\n  - " + String.join("\n  - ", violations));
    }
  }
}
