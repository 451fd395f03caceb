package io.sysmon.tests.support;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.SigInfo;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallRecord;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Keeps every event that it is told of, in order. Any thread may read it at any time. */
public final class Recorder implements SyscallListener, TraceeListener {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Interest interest;
  private final List<Event> events = new ArrayList<>();

  /** Records every system call. */
  public Recorder() {
    this(Interest.all());
  }

  /** Records the selected system calls, and everything else that happens. */
  public Recorder(Interest interest) {
    this.interest = interest;
  }

  /** Something that happened to a task. */
  public sealed interface Event {
    /** The task, by the id that it had then. */
    int tid();
  }

  /** A syscall-enter-stop. */
  public record Enter(SyscallRecord call) implements Event {
    @Override
    public int tid() {
      return call.tid();
    }
  }

  /** A syscall-exit-stop. */
  public record Exit(SyscallRecord call) implements Event {
    @Override
    public int tid() {
      return call.tid();
    }

    /** The result, or minus the errno. */
    public long result() {
      return call.exit() == null ? 0 : call.exit().result();
    }
  }

  /** A task that is traced from now on. */
  public record Start(int tid, int pid, TraceeTask task) implements Event {}

  /** A task that made another one. */
  public record Fork(int tid, int childTid, int childPid, TraceeListener.ForkKind kind)
      implements Event {}

  /** A task that became another program. */
  public record Exec(int tid, int formerTid) implements Event {}

  /** A signal-delivery-stop. */
  public record Delivery(int tid, Signal signal, SigInfo info) implements Event {}

  /** A group-stop. */
  public record GroupStop(int tid, Signal signal) implements Event {}

  /** A task's end. */
  public record End(int tid, int pid, ExitStatus status) implements Event {}

  /** A task that is not traced any more. */
  public record Detach(int tid, int pid, TraceeTask task) implements Event {}

  @Override
  public Interest interest() {
    return interest;
  }

  @Override
  public void onEnter(SyscallEnter call) {
    add(new Enter(call.snapshot()));
  }

  @Override
  public void onExit(SyscallExit call) {
    add(new Exit(call.snapshot()));
  }

  @Override
  public void onStart(TraceeTask task) {
    add(new Start(task.tid(), task.pid(), task));
  }

  @Override
  public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
    add(new Fork(parent.tid(), child.tid(), child.pid(), kind));
  }

  @Override
  public void onExec(TraceeTask task, int formerTid) {
    add(new Exec(task.tid(), formerTid));
  }

  @Override
  public void onSignal(SignalStop stop) {
    add(new Delivery(stop.task().tid(), stop.signal(), stop.info()));
  }

  @Override
  public void onGroupStop(TraceeTask task, Signal signal) {
    add(new GroupStop(task.tid(), signal));
  }

  @Override
  public void onDetach(TraceeTask task) {
    add(new Detach(task.tid(), task.pid(), task));
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    add(new End(task.tid(), task.pid(), status));
  }

  private synchronized void add(Event event) {
    events.add(event);
    notifyAll();
  }

  /** All events until now. */
  public synchronized List<Event> events() {
    return List.copyOf(events);
  }

  /** The events of one kind until now. */
  public synchronized <E extends Event> List<E> all(Class<E> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The entries of a system call until now. */
  public List<SyscallRecord> enters(String name) {
    return all(Enter.class).stream().map(Enter::call).filter(c -> c.name().equals(name)).toList();
  }

  /** The exits of a system call until now. */
  public List<SyscallRecord> exits(String name) {
    return all(Exit.class).stream().map(Exit::call).filter(c -> c.name().equals(name)).toList();
  }

  /** Waits for an event, also one that has come already. */
  public synchronized <E extends Event> E await(Class<E> kind, Predicate<? super E> which)
      throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    int seen = 0;
    while (true) {
      for (; seen < events.size(); seen++) {
        if (kind.isInstance(events.get(seen)) && which.test(kind.cast(events.get(seen)))) {
          return kind.cast(events.get(seen));
        }
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError(
            "No such " + kind.getSimpleName() + " within " + LIMIT + " among " + events);
      }
      wait(left / 1_000_000 + 1);
    }
  }
}
