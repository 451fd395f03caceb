package io.sysmon.internal.engine;

import io.sysmon.CodeStop;
import io.sysmon.ExitStatus;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.TraceException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeListener.ForkKind;
import io.sysmon.internal.event.StopKind;
import io.sysmon.internal.event.WaitStatus;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers stops: finds the task, moves its state, calls the listeners, resumes. Tracer thread only.
 *
 * <p>A request that answers {@code ESRCH} is left at that everywhere here: the task was in a stop
 * and this thread is its tracer, so it can only have been killed, and its end will be reported.
 */
final class Stops {
  private static final int ESRCH = 3;
  private static final int SIGTRAP = 5;
  private static final long RETRY_NANOS = 1_000_000;

  private final Ptrace ptrace;
  private final Listeners listeners;
  private final LiveTracees live;
  private final Launches launches;
  private final Attachments attachments;
  private final Releases releases;
  private final Watch watch;
  private final SyscallStops syscalls;
  private final CodeStops code;
  private final SignalStops signals;
  private final Requests requests;
  private final TaskTable table = new TaskTable();
  private final Orphans orphans;

  private final EarlyEnds earlyEnds = new EarlyEnds();

  private boolean closing;

  /** Whether a process was ever attached. */
  private boolean hasAttached;

  Stops(
      Thread owner,
      Ptrace ptrace,
      Architecture architecture,
      Listeners listeners,
      LiveTracees live,
      HoldDesk desk,
      Requests requests) {
    this.requests = requests;
    this.ptrace = ptrace;
    this.listeners = listeners;
    this.live = live;
    signals = new SignalStops(owner, ptrace, architecture, listeners);
    syscalls = new SyscallStops(owner, ptrace, architecture, listeners, desk, signals);
    code = new CodeStops(owner, ptrace, architecture, listeners, live);
    orphans = new Orphans();
    launches = new Launches(this, ptrace, architecture);
    attachments = new Attachments(this, ptrace, live, table);
    releases = new Releases(this, ptrace, syscalls, code, live);
    watch = new Watch(this, ptrace, table);
  }

  Launches launches() {
    return launches;
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
    live.all().forEach(this::end);
    killOrphans();
  }

  private void end(Tracee process) {
    if (process.isAttached()) {
      release(process);
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

  /** {@code Tracer.attach}. */
  Tracee attach(int pid) {
    return attachments.attach(pid);
  }

  /** {@code TraceeHandle.detach}: begins it. */
  void release(Tracee process) {
    releases.begin(process);
    // It may have looked at other tasks than the one that the callback under way is about.
    syscalls.refreshViews();
  }

  /** Takes up one event that wait4 reported. */
  void take(int tid, int status) {
    StopKind kind = WaitStatus.kind(status);
    Task task = kind == StopKind.EXEC ? whoExecuted(tid) : table.get(tid);
    if (kind.isEnd()) {
      end(tid, task, endStatus(status));
      return;
    }
    if (task == null) {
      earlyEnds.remove(tid);
      table.add(
          orphans.stoppedEarly(status, new Tracee(tid, hasAttached, live.newFailures(), requests)));
      if (closing) {
        killOrphans();
      }
      return;
    }
    if (task.state() == TaskState.EARLY) {
      throw new IllegalStateException(task + " stopped again without having been resumed");
    }
    if (task.state() == TaskState.ANNOUNCED) {
      started(task);
    }
    boolean joins = task.state() == TaskState.SEIZED;
    task.state(TaskState.STOPPED);
    task.history.stopped(status);
    task.listening &= kind == StopKind.GROUP_STOP;
    // Told already: it is reported again when the task is interrupted in it.
    boolean known = task.listening && task.interrupted;
    if (joins) {
      joined(task, kind);
    } else if (task.interrupted && kind.isOutsideCalls()) {
      syscalls.interrupted(task);
    }
    code.stopped(task);
    switch (kind) {
      case SYSCALL -> syscallStop(task);
      case SIGNAL -> signalStop(task, WaitStatus.stopSignal(status));
      case GROUP_STOP -> groupStop(task, WaitStatus.stopSignal(status), known);
      case FORK -> forked(task, ForkKind.FORK);
      case VFORK -> forked(task, ForkKind.VFORK);
      case CLONE -> forked(task, ForkKind.CLONE);
      case EXEC -> execed(task);
      default -> resume(task, 0);
    }
    if (joins) {
      task.process().joinedUnlessWaiting();
    }
  }

  /** Lets a stopped task go on, with a signal or 0. */
  void resume(Task task, int signal) {
    boolean leaves = releases.concerns(task);
    if (leaves && releases.release(task, signal)) {
      return;
    }
    int tid = task.tid();
    if (task.interruptOnReturn) {
      // At an entry this makes a call that blocks return; its exit stop then clears the request
      // (kernel/signal.c ptrace_stop(): "any trap clears pending STOP trap").
      ptrace.interrupt(tid);
      task.interruptOnReturn = task.inSyscall;
    }
    // A launch needs its execve's exit even if no listener wants system calls: it may fail.
    boolean toSyscalls =
        listeners.wantsSyscalls()
            || task.launch != null
            || task.wait != null
            || leaves
            || code.isStepping(task);
    long result;
    if (code.wantsStep(task)) {
      task.history.requested(TaskHistory.SINGLESTEP, signal);
      result = ptrace.singleStep(tid, signal);
    } else if (toSyscalls) {
      task.history.requested(TaskHistory.SYSCALL, signal);
      result = ptrace.syscall(tid, signal);
    } else {
      // No exit stop will tell when the call is over.
      task.inSyscall = false;
      task.history.requested(TaskHistory.CONT, signal);
      result = ptrace.cont(tid, signal);
    }
    resumed(task, result, "PTRACE_SYSCALL");
  }

  private void resumed(Task task, long result, String request) {
    if (result != -ESRCH) {
      SystemCallException.check(result, request, task.tid());
    }
    task.state(TaskState.RUNNING);
  }

  void syscallStop(Task task) {
    int operation = ptrace.syscallInfo(task.tid());
    if (operation == Ptrace.SYSCALL_INFO_ENTRY) {
      boolean goesOn = syscalls.enter(task);
      if (endedMeanwhile(task)) {
        return;
      }
      if (!goesOn) {
        task.state(TaskState.HELD);
        if (releases.concerns(task)) {
          releaseHeld(task);
        }
        return;
      }
    } else if (operation == Ptrace.SYSCALL_INFO_EXIT) {
      syscalls.exit(task);
      if (endedMeanwhile(task)) {
        return;
      }
      if (task.launch != null) {
        launches.failed(task, task.launch, task.result);
        return;
      }
      code.callReturned(task);
    } else if (operation != -ESRCH) {
      SystemCallException.check(operation, "PTRACE_GET_SYSCALL_INFO", task.tid());
    }
    resume(task, 0);
  }

  /** Carries out the answer to a held call, unless its task has ended meanwhile. */
  void answer(Hold hold, Consumer<? super SyscallEnter> rewrite) {
    Task task = hold.heldTask();
    if (task.hold != hold || task.state() != TaskState.HELD) {
      return;
    }
    task.hold = null;
    task.state(TaskState.STOPPED);
    syscalls.answer(task, rewrite);
    if (!endedMeanwhile(task)) {
      resume(task, 0);
    }
  }

  /** Lets a held task go on from its entry stop, as if nobody had held it. */
  void releaseHeld(Task task) {
    if (task.hold != null) {
      task.hold.taskDetached();
      task.hold = null;
    }
    task.state(TaskState.STOPPED);
    syscalls.leaveEntry(task);
    resume(task, 0);
  }

  /** Its end can come while a call is injected into it; what tells of it is taken up later. */
  boolean endedMeanwhile(Task task) {
    boolean left = task.left;
    task.left = false;
    return left;
  }

  /** {@code TraceeHandle.syscall}. */
  long syscall(Tracee process, String name, long... arguments) {
    if (syscalls.isCurrent(process)) {
      return syscalls.inject(name, arguments);
    }
    for (Task task : process.taskList()) {
      if (task.state() == TaskState.HELD) {
        try {
          return syscalls.inject(task, name, arguments);
        } finally {
          endedMeanwhile(task);
        }
      }
    }
    throw process.isAlive()
        ? new IllegalTraceeStateException(
            "No task of "
                + process
                + " is stopped in a system call: inject calls in a callback, or hold the call")
        : new TraceeDiedException(process + " has ended");
  }

  /** {@code TraceeHandle.setBreakpoint}. */
  SetBreakpoint setBreakpoint(Tracee process, long address, Consumer<? super CodeStop> onHit) {
    return code.set(process, address, onHit, process::removeBreakpoint);
  }

  /** {@code Breakpoint.remove}. */
  void removeBreakpoint(SetBreakpoint breakpoint) {
    code.remove(breakpoint);
  }

  private void signalStop(Task task, int signal) {
    if (signal == SIGTRAP && code.take(task)) {
      resume(task, 0);
      return;
    }
    int decided = signals.decide(task, signal);
    syscalls.signalled(task, decided);
    limit(task);
    resume(task, decided);
  }

  /** A call that goes on after an interruption of which its program knows nothing ends in time. */
  private void limit(Task task) {
    Wait wait = task.wait;
    if (wait != null && wait.needsClock()) {
      requests.later(wait.nanosLeft(), stops -> stops.timeIsUp(task, wait));
    }
  }

  private void timeIsUp(Task task, Wait wait) {
    if (task.wait != wait || !task.isAlive()) {
      return;
    }
    if (task.state() == TaskState.RUNNING) {
      task.interrupt(ptrace);
    } else {
      requests.later(RETRY_NANOS, stops -> stops.timeIsUp(task, wait));
    }
  }

  private void groupStop(Task task, int signal, boolean known) {
    if (!known) {
      listeners.onGroupStop(task, Signal.of(signal));
    }
    if (releases.concerns(task)) {
      resume(task, 0);
      return;
    }
    task.listening = true;
    task.history.requested(TaskHistory.LISTEN, 0);
    resumed(task, ptrace.listen(task.tid()), "PTRACE_LISTEN");
  }

  Tracee newTracee(int pid) {
    return new Tracee(pid, false, live.newFailures(), requests);
  }

  Tracee newAttachedTracee(int pid) {
    hasAttached = true;
    return new Tracee(pid, true, live.newFailures(), requests);
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
  private void joined(Task task, StopKind kind) {
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
    task.state(TaskState.ENDED);
    process.remove(task);
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
      launches.released(process);
      live.remove(process);
      process.released();
      releases.done(process);
    }
  }

  /** Takes in a gate that is in the entry stop of the execve by which it becomes a program. */
  void launched(Tracee tracee, PendingLaunch launch) {
    Task task = new Task(tracee.pid(), tracee, TaskState.STOPPED);
    task.launch = launch;
    table.add(task);
    begin(task);
    listeners.onStart(task);
    syscallStop(task);
  }

  private void begin(Task task) {
    Tracee process = task.process();
    if (!process.hasTasks()) {
      live.add(process);
    }
    process.add(task);
    if (closing) {
      end(process);
    }
  }

  /** A task's first stop, with its parent known: takes out what it has of the parent's changes. */
  private void started(Task task) {
    syscalls.started(task);
    AddressSpace parent = task.copiedFrom;
    if (parent != null) {
      code.removeInChild(task, parent);
      task.copiedFrom = null;
    }
  }

  private void forked(Task parent, ForkKind kind) {
    long message = ptrace.eventMessage(parent.tid());
    if (message > 0) {
      announce(parent, (int) message, kind);
    }
    resume(parent, 0);
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
      groupStop(task, WaitStatus.stopSignal(status), false);
    } else {
      resume(task, 0);
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
  private @Nullable Task whoExecuted(int tid) {
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

  private void execed(Task task) {
    int tid = task.tid();
    int former = (int) ptrace.eventMessage(tid);
    if (former < 0) {
      resume(task, 0);
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
    resume(execing, 0);
  }

  /** How a task ended, by its wait status. */
  static ExitStatus endStatus(int status) {
    return WaitStatus.kind(status) == StopKind.EXITED
        ? ExitStatus.exited(WaitStatus.exitCode(status))
        : ExitStatus.killed(
            Signal.of(WaitStatus.killSignal(status)), WaitStatus.coreDumped(status));
  }

  private void end(int tid, @Nullable Task task, ExitStatus status) {
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
    task.state(TaskState.ENDED);
    orphans.leave(task);
    code.ended(task);
    syscalls.leaveAddressSpace(task);
    if (task.hold != null) {
      task.hold.taskEnded();
      task.hold = null;
    }
    process.remove(task);
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
    launches.closeStreams(process);
    adoptOrphansOf(process);
    process.ended(status);
    live.remove(process);
    releases.done(process);
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

  /**
   * Whether a task waits for what may never come: the fork event that announces it, or the stop at
   * which it can be let go.
   */
  boolean hasStragglers() {
    return !orphans.isEmpty() || releases.areUnderWay();
  }

  /** To be called at intervals while there are stragglers, when all events have been taken up. */
  void lookAfterStragglers() {
    for (Task orphan : orphans.waitedLongEnough()) {
      adopt(orphan, orphans.adopted(orphan, live::get));
    }
    if (!ptrace.hasKept()) {
      releases.lookAfterStragglers();
    }
  }

  Watch watch() {
    return watch;
  }

  /** The tracer's thread ends before its tracees: tells everyone who waits for them. */
  void lost(TraceException why) {
    for (Task task : table.all()) {
      if (task.launch != null) {
        task.launch.lost(why);
      }
    }
    for (Tracee tracee : live.all()) {
      launches.closeStreams(tracee);
      tracee.lost(why);
      live.remove(tracee);
    }
  }
}
