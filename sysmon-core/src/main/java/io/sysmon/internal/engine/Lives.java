package io.sysmon.internal.engine;

import io.sysmon.ExitStatus;
import io.sysmon.Signal;
import io.sysmon.TraceException;
import io.sysmon.TraceeListener.ForkKind;
import io.sysmon.internal.event.StopKind;
import io.sysmon.internal.event.WaitStatus;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.Ptrace;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How tasks come under trace, become other programs, and leave: launched, attached, forked,
 * adopted; ended, replaced, let go. Keeps the table of tasks. Tracer thread.
 */
final class Lives {
  private static final int ESRCH = 3;
  private static final long CLOSING_PATIENCE = TimeUnit.SECONDS.toNanos(1);

  private final Stops stops;
  private final Ptrace ptrace;
  private final Listeners listeners;
  private final LaunchFilter filter;
  private final LiveTracees live;
  private final Requests requests;
  private final SyscallStops syscalls;
  private final CodeStops code;
  private final TaskTable table = new TaskTable();
  private final Orphans orphans = new Orphans();
  private final EarlyEnds earlyEnds = new EarlyEnds();
  private boolean closing;
  private long closingSince;

  /** Whether a process was ever attached. */
  private boolean hasAttached;

  Lives(
      Stops stops,
      Ptrace ptrace,
      Listeners listeners,
      LaunchFilter filter,
      LiveTracees live,
      Requests requests,
      SyscallStops syscalls,
      CodeStops code) {
    this.stops = stops;
    this.ptrace = ptrace;
    this.listeners = listeners;
    this.filter = filter;
    this.live = live;
    this.requests = requests;
    this.syscalls = syscalls;
    this.code = code;
  }

  /** Whether it is being closed for longer than a task needs that can stop. */
  boolean isClosingForLong() {
    return closing && System.nanoTime() - closingSince > CLOSING_PATIENCE;
  }

  TaskTable table() {
    return table;
  }

  boolean isIdle() {
    return table.isEmpty();
  }

  /** More than one task: an event of one must not keep another's waiting forever. */
  boolean hasSeveral() {
    return table.size() > 1;
  }

  /**
   * From now on whatever still appears is let go if it came of an attached process, else killed.
   */
  void close() {
    closing = true;
    closingSince = System.nanoTime();
    live.of(requests).forEach(this::end);
    killOrphans();
  }

  private void end(Tracee process) {
    if (process.isAttached()) {
      stops.release(process);
    } else {
      process.killIfAllowed();
    }
  }

  /**
   * They may be children of an attached process: then they have to wait for the event that tells.
   */
  private void killOrphans() {
    if (!hasAttached) {
      orphans.kill();
    }
  }

  Tracee newTracee(int pid) {
    return new Tracee(pid, false, live.newFailures(), requests);
  }

  Tracee newAttachedTracee(int pid, @Nullable SystemWide cause) {
    hasAttached = true;
    Tracee tracee = new Tracee(pid, true, live.newFailures(), requests);
    tracee.because(cause);
    return tracee;
  }

  /** Takes in a task that was attached; the listeners are told at its first stop. */
  void seized(Task task) {
    Task replaced = table.remove(task.tid());
    if (replaced != null) {
      replaced.process().remove(replaced);
    }
    table.add(task);
    begin(task);
  }

  /** The first stop of a task that was attached. */
  void joined(Task task, StopKind kind) {
    listeners.onStart(task);
    syscalls.joined(task, kind.isOutsideCalls());
  }

  /** A task that was attached and has not stopped begins its life with the listeners. */
  private void tellStart(Task task) {
    if (task.state() == TaskState.SEIZED) {
      listeners.onStart(task);
    }
  }

  /** A task is not traced any more. */
  void released(Task task) {
    Tracee process = task.process();
    tellStart(task);
    table.remove(task.tid());
    stops.placer().forget(task);
    task.letGo();
    process.remove(task);
    stops.attachments().joined(process);
    listeners.onDetach(task);
    releasedIfLast(process);
  }

  /** The kernel does not trace a task any more, without a word to its tracer. */
  void escaped(Task task) {
    task.process().beginRelease();
    released(task);
  }

  private void releasedIfLast(Tracee process) {
    if (!process.hasTasks()) {
      adoptOrphansOf(process);
      stops.launches().released(process);
      live.remove(process);
      process.released();
      stops.releases().done(process);
      stops.handovers().over(process);
    }
  }

  /** Takes in a gate that is in the entry stop of the execve by which it becomes a program. */
  void launched(Tracee tracee, PendingLaunch launch) {
    Task task = new Task(tracee.pid(), tracee, TaskState.STOPPED);
    task.launch = launch;
    table.add(task);
    begin(task);
    listeners.onStart(task);
    stops.syscallStop(task);
  }

  private void begin(Task task) {
    Tracee process = task.process();
    if (!process.hasTasks()) {
      // Another thread than its parent's traces it when it was an orphan.
      process.shard(requests);
      live.add(process);
    }
    process.add(task);
    if (closing) {
      end(process);
    }
  }

  /** A process was taken over from another tracer thread. */
  void arrived(Tracee process) {
    if (closing) {
      end(process);
    }
  }

  /** A task's first stop, with its parent known: takes out what it has of the parent's changes. */
  void started(Task task) {
    syscalls.started(task);
    stops.placer().started(task);
    AddressSpace parent = task.copiedFrom;
    if (parent != null) {
      code.removeInChild(task, parent);
      task.copiedFrom = null;
    }
  }

  void forked(Task parent, ForkKind kind) {
    long message = ptrace.eventMessage(parent.tid());
    if (message > 0) {
      announce(parent, (int) message, kind);
    }
    stops.resume(parent, 0);
  }

  private void announce(Task parent, int tid, ForkKind kind) {
    Task known = table.get(tid);
    if (known != null && known.state() != TaskState.EARLY) {
      // Adopted already, because its parent seemed to be gone.
      listeners.onFork(parent, known, kind);
      return;
    }
    Task child = new Task(tid, processOf(parent, tid, kind), TaskState.ANNOUNCED);
    syscalls.forked(parent, child);
    stops.placer().forked(parent, child);
    child.copiedFrom = parent.process().addressSpace();
    begin(child);
    int firstStop = 0;
    if (known != null) {
      table.remove(tid);
      firstStop = orphans.remove(known);
      child.state(TaskState.STOPPED);
    }
    listeners.onFork(parent, child, kind);
    listeners.onStart(child);
    ExitStatus earlyEnd = earlyEnds.remove(tid);
    // The end may be that of an earlier task of this id, whose parent was killed before its report.
    if (earlyEnd != null && ptrace.interrupt(tid) == -ESRCH) {
      ended(child, earlyEnd);
      return;
    }
    table.add(child);
    if (known != null) {
      started(child);
      answerFirstStop(child, firstStop);
    }
  }

  /** A thread that is born while its process is being stopped begins in the group-stop. */
  private void answerFirstStop(Task task, int status) {
    if (WaitStatus.kind(status) == StopKind.GROUP_STOP) {
      stops.groupStop(task, WaitStatus.stopSignal(status), false);
    } else {
      stops.resume(task, 0);
    }
  }

  /**
   * A thread belongs to its parent's process, everything else is a process of its own: tgkill(2)
   * finds a task only by the thread group that it is in. A task that cannot be found has ended; no
   * harm is done by taking it for a thread.
   */
  private Tracee processOf(Task parent, int tid, ForkKind kind) {
    int pid = parent.process().pid();
    boolean thread = isInGroup(pid, tid) || !isInGroup(tid, tid);
    return thread
        ? parent.process()
        : parent.process().child(tid, syscalls.childSharesMemory(parent, tid, kind));
  }

  private static boolean isInGroup(int pid, int tid) {
    // EPERM tells that it was found, and belongs to another user.
    return Native.libc().tgkill(pid, tid, 0) == 0 || Native.errno() != ESRCH;
  }

  /**
   * The task of an exec stop. Its id is the leader's by then; when that one was let go before, it
   * is known by its former id only.
   */
  @Nullable Task whoExecuted(int tid) {
    Task task = table.get(tid);
    if (task != null) {
      return task;
    }
    Task thread = table.remove((int) ptrace.eventMessage(tid));
    if (thread != null) {
      thread.becomeLeader(tid);
      thread.hasTakenOver = true;
      table.add(thread);
    }
    return thread;
  }

  void execed(Task task) {
    int tid = task.tid();
    int former = (int) ptrace.eventMessage(tid);
    if (former < 0) {
      stops.resume(task, 0);
      return;
    }
    Task execing = task;
    boolean takesOver = former != tid && !task.hasTakenOver;
    task.hasTakenOver = false;
    if (takesOver) {
      // The thread `former` has taken the leader's place and id; the leader vanished unreported.
      table.remove(tid);
      Task thread = table.remove(former);
      if (thread == null) {
        thread = new Task(former, task.process(), TaskState.SEIZED);
        task.process().add(thread);
      }
      tellStart(thread);
      execing = thread;
      execing.becomeLeader(tid);
      execing.state(TaskState.STOPPED);
      table.add(execing);
      ended(task, ExitStatus.superseded(former), false);
    }
    execing.process().tasksBut(execing).forEach(orphans::leave);
    syscalls.executed(execing);
    listeners.onExec(execing, former);
    if (execing.launch != null) {
      execing.launch.succeeded(execing.process());
      execing.launch = null;
    }
    adoptOrphansOf(execing.process());
    stops.resume(execing, 0);
  }

  /** How a task ended, by its wait status. */
  static ExitStatus endStatus(int status) {
    return WaitStatus.kind(status) == StopKind.EXITED
        ? ExitStatus.exited(WaitStatus.exitCode(status))
        : ExitStatus.killed(
            Signal.of(WaitStatus.killSignal(status)), WaitStatus.coreDumped(status));
  }

  void end(int tid, @Nullable Task task, ExitStatus status) {
    if (task == null || task.state() == TaskState.EARLY) {
      earlyEnds.add(tid, status, table.size());
      if (task != null) {
        table.remove(tid);
        orphans.remove(task);
      }
      return;
    }
    table.remove(tid);
    ended(task, status);
  }

  private void ended(Task task, ExitStatus status) {
    ended(task, status, task.tid() == task.process().pid());
  }

  private void ended(Task task, ExitStatus status, boolean endsProcess) {
    Tracee process = task.process();
    if (endsProcess) {
      process.reaped();
      process.status(status);
      // A leader's end is reported last. A thread that is left had taken its id by an execve, and
      // was killed before that could be told.
      for (Task vanished : process.tasksBut(task)) {
        table.remove(vanished.tid());
        ended(vanished, status, false);
      }
    }
    tellStart(task);
    boolean joins = task.state() == TaskState.SEIZED;
    task.state(TaskState.ENDED);
    orphans.leave(task);
    code.ended(task);
    stops.placer().forget(task);
    syscalls.leaveAddressSpace(task);
    if (task.hold != null) {
      task.hold.taskEnded();
      task.hold = null;
    }
    process.remove(task);
    if (joins) {
      stops.attachments().joined(process);
    }
    listeners.onExit(task, status);
    if (endsProcess) {
      processEnded(process, status);
    } else if (process.isReleasing()) {
      releasedIfLast(process);
    } else if (!process.hasTasks()) {
      // Its leader had ended before it was attached, and is nobody's tracee.
      process.reaped();
      process.status(status);
      processEnded(process, status);
    }
    if (task.launch != null) {
      // close() kills from its own thread, before this one has heard of it.
      if (requests.isClosing()) {
        task.launch.closed();
      } else {
        task.launch.ended(status.toString());
      }
    }
  }

  private void processEnded(Tracee process, ExitStatus status) {
    stops.launches().closeStreams(process);
    adoptOrphansOf(process);
    process.ended(status);
    live.remove(process);
    stops.releases().done(process);
    stops.handovers().over(process);
  }

  /** Nobody is left who could announce them: their parent was killed before it could report. */
  private void adoptOrphansOf(Tracee process) {
    if (orphans.isEmpty()) {
      return;
    }
    for (Task orphan : orphans.of(process, live)) {
      adopt(orphan, orphans.adopted(orphan, process));
    }
  }

  private void adopt(Task orphan, Task adopted) {
    table.remove(orphan.tid());
    int firstStop = orphans.remove(orphan);
    begin(adopted);
    table.add(adopted);
    Tracee parent = adopted.process().parentProcess();
    adopted.copiedFrom = parent == null ? null : parent.addressSpace();
    if (adopted.tid() == adopted.pid()) {
      for (LostFork fork : orphans.lostForks()) {
        syscalls.inherit(adopted, fork);
        code.removeInChild(adopted, fork.addressSpace());
      }
    }
    started(adopted);
    listeners.onStart(adopted);
    answerFirstStop(adopted, firstStop);
  }

  /** A task stops that nobody has announced. */
  void stoppedEarly(int tid, int status) {
    earlyEnds.remove(tid);
    Tracee process = new Tracee(tid, hasAttached, live.newFailures(), requests);
    if (filter.isUsed()) {
      process.filtering(Filtering.FOLLOWED);
    }
    table.add(orphans.stoppedEarly(status, process));
    if (closing) {
      killOrphans();
    }
  }

  /** Whether a task waits for the fork event that announces it, in vain perhaps. */
  boolean hasOrphans() {
    return !orphans.isEmpty();
  }

  /** To be called at intervals while there are orphans, when all events have been taken up. */
  void lookAfterOrphans() {
    for (Task orphan : orphans.waitedLongEnough()) {
      adopt(orphan, orphans.adopted(orphan, live::get));
    }
  }

  /** The tracer's thread ends before its tracees: tells everyone who waits for them. */
  void lost(TraceException why) {
    for (Task task : table.all()) {
      if (task.launch != null) {
        task.launch.lost(why);
      }
    }
    for (Tracee tracee : live.of(requests)) {
      stops.launches().closeStreams(tracee);
      tracee.lost(why);
      live.remove(tracee);
    }
  }
}
