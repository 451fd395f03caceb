package io.sysmon.internal.engine;

import io.sysmon.CodeStop;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.Placement;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeListener.ForkKind;
import io.sysmon.internal.event.StopKind;
import io.sysmon.internal.event.WaitStatus;
import io.sysmon.internal.memory.VmTransfer;
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
  private static final long RETRY_NANOS = 10_000_000;

  /**
   * What it takes at least from one task's going on to another's and back, both on one CPU ({@code
   * benchmarks/RESULTS.md}).
   */
  private static final long HAND_OVER_NANOS = 6_000;

  private final Ptrace ptrace;
  private final Listeners listeners;
  private final Launches launches;
  private final Attachments attachments;
  private final Releases releases;
  private final Handovers handovers;
  private final Watch watch;
  private final SyscallStops syscalls;
  private final Interruptions interruptions;
  private final CodeStops code;
  private final SignalStops signals;
  private final Requests requests;
  private final Lives lives;
  private final Placer placer;

  /** When the wait returned whose events are being taken up: a clock takes its time, too. */
  private long now = System.nanoTime();

  private final VmTransfer transfer = new VmTransfer();

  Stops(
      Thread owner,
      Ptrace ptrace,
      Architecture architecture,
      Listeners listeners,
      LaunchFilter filter,
      LiveTracees live,
      HoldDesk desk,
      Requests requests,
      Placement placement) {
    this.requests = requests;
    this.ptrace = ptrace;
    this.listeners = listeners;
    placer = new Placer(placement, listeners, requests::ring);
    signals = new SignalStops(owner, ptrace, architecture, listeners, transfer);
    syscalls =
        new SyscallStops(owner, ptrace, architecture, listeners, desk, signals, transfer, placer);
    interruptions = syscalls.interruptions();
    code = new CodeStops(owner, ptrace, architecture, listeners, live, transfer);
    lives = new Lives(this, ptrace, listeners, filter, live, requests, syscalls, code);
    launches = new Launches(this, lives, ptrace, architecture, filter);
    attachments = new Attachments(this, lives, ptrace, live);
    releases = new Releases(this, lives, ptrace, syscalls, code, live);
    handovers =
        new Handovers(this, lives, ptrace, architecture, listeners, syscalls, live, requests);
    watch = new Watch(this, lives, ptrace);
  }

  Lives lives() {
    return lives;
  }

  /** For memory that is read and written on this thread. */
  VmTransfer transfer() {
    return transfer;
  }

  Placer placer() {
    return placer;
  }

  Launches launches() {
    return launches;
  }

  Releases releases() {
    return releases;
  }

  Handovers handovers() {
    return handovers;
  }

  Attachments attachments() {
    return attachments;
  }

  Arrivals arrivals() {
    return handovers.arrivals();
  }

  /**
   * {@code Tracer.attach}.
   *
   * @param cause what it is attached for; null for itself
   */
  Tracee attach(int pid, @Nullable SystemWide cause) {
    Tracee process = attachments.attach(pid, cause);
    syscalls.attached(pid);
    return process;
  }

  /** {@code TraceeHandle.detach}: begins it. */
  void release(Tracee process) {
    handovers.giveUp(process);
    releases.begin(process);
    // It may have looked at other tasks than the one that the callback under way is about.
    syscalls.refreshViews();
  }

  /**
   * Events are going to be taken up.
   *
   * @param nanos {@link System#nanoTime()}
   */
  void at(long nanos) {
    now = nanos;
  }

  /** Takes up one event that wait4 reported. */
  void take(int tid, int status) {
    StopKind kind = WaitStatus.kind(status);
    Task task = kind == StopKind.EXEC ? lives.whoExecuted(tid) : lives.table().get(tid);
    if (kind.isEnd()) {
      lives.end(tid, task, Lives.endStatus(status));
      return;
    }
    if (task == null) {
      lives.stoppedEarly(tid, status);
      return;
    }
    if (task.state() == TaskState.EARLY) {
      throw new IllegalStateException(task + " stopped again without having been resumed");
    }
    if (task.state() == TaskState.ANNOUNCED) {
      lives.started(task);
    }
    boolean joins = task.state() == TaskState.SEIZED;
    boolean arrives = task.state() == TaskState.ARRIVING;
    if (arrives) {
      arrivals().stopped(task);
    }
    task.state(TaskState.STOPPED);
    if (kind.isOutsideCalls()) {
      syscalls.outsideCalls(task);
    }
    task.history.stopped(status, now);
    // The last hand-over is a part of what the stop costs.
    task.stoppedAt = Math.max(now - HAND_OVER_NANOS, Math.min(now, task.goneOnAt));
    placer.stopped(task);
    task.listening &= kind == StopKind.GROUP_STOP;
    // Told already: it is reported again when the task is interrupted in it.
    boolean known = task.listening && task.interrupted;
    if (joins) {
      lives.joined(task, kind);
    } else if (task.interrupted && kind.isOutsideCalls()) {
      interruptions.interrupted(task);
    }
    code.stopped(task);
    switch (kind) {
      case SYSCALL -> syscallStop(task);
      case SIGNAL -> signalStop(task, WaitStatus.stopSignal(status));
      case GROUP_STOP -> groupStop(task, WaitStatus.stopSignal(status), known);
      case FORK -> lives.forked(task, ForkKind.FORK);
      case VFORK -> lives.forked(task, ForkKind.VFORK);
      case CLONE -> lives.forked(task, ForkKind.CLONE);
      case EXEC -> lives.execed(task);
      case SECCOMP -> seccompStop(task);
      default -> resume(task, 0);
    }
    if (joins) {
      attachments.joined(task.process());
    }
    if (arrives) {
      arrivals().goesOn(task);
    }
  }

  /** Lets a stopped task go on, with a signal or 0. */
  void resume(Task task, int signal) {
    boolean leaves = task.process().isLeaving() && task.launch == null;
    if (leaves
        && (task.process().isReleasing()
            ? releases.release(task, signal)
            : handovers.keep(task, signal))) {
      return;
    }
    int tid = task.tid();
    if (task.interruptOnReturn) {
      // At an entry this makes a call that blocks return; its exit stop then clears the request
      // (kernel/signal.c ptrace_stop(): "any trap clears pending STOP trap").
      ptrace.interrupt(tid);
      task.interruptOnReturn = task.inSyscall;
    }
    boolean toSyscalls = leaves || needsSyscallStop(task);
    long result;
    if (code.wantsStep(task)) {
      task.history.requested(TaskHistory.SINGLESTEP, signal, now);
      result = ptrace.singleStep(tid, signal);
    } else if (toSyscalls) {
      task.toSyscalls = true;
      task.history.requested(TaskHistory.SYSCALL, signal, now);
      result = ptrace.syscall(tid, signal);
    } else {
      // No exit stop will tell when the call is over.
      task.inSyscall = false;
      task.toSyscalls = false;
      task.history.requested(TaskHistory.CONT, signal, now);
      result = ptrace.cont(tid, signal);
    }
    resumed(task, result, "PTRACE_SYSCALL");
  }

  private boolean needsSyscallStop(Task task) {
    // A launch needs its execve's exit even if no listener wants system calls: it may fail.
    if (task.launch != null || task.wait != null || code.isStepping(task)) {
      return true;
    }
    Tracee process = task.process();
    boolean onlyWanted = process.filtering() == Filtering.BY_FILTER || process.isQuiet();
    return onlyWanted ? syscalls.needsNextStop(task) : listeners.wantsSyscalls();
  }

  /** {@code TraceeHandle.narrow}. */
  void narrow(Tracee process, Interest interest) {
    process.told(listeners.narrowed(interest));
    for (Task task : process.taskList()) {
      placer.release(task);
      if (task.state() == TaskState.RUNNING && !task.toSyscalls && !process.isQuiet()) {
        // It would go on without a stop.
        task.interrupt(ptrace);
      }
    }
  }

  private void resumed(Task task, long result, String request) {
    if (result != -ESRCH) {
      SystemCallException.check(result, request, task.tid());
    }
    task.goneOnAt = System.nanoTime();
    task.process().goesOnAfter(task.goneOnAt - task.stoppedAt);
    task.state(TaskState.RUNNING);
  }

  void syscallStop(Task task) {
    int operation = ptrace.syscallInfo(task.tid());
    boolean byFilter = operation == Ptrace.SYSCALL_INFO_SECCOMP;
    if (operation == Ptrace.SYSCALL_INFO_ENTRY || byFilter) {
      boolean goesOn = syscalls.enter(task, byFilter);
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
      if (task.returnDelay > 0) {
        returnLater(task);
        return;
      }
    } else if (operation != -ESRCH) {
      SystemCallException.check(operation, "PTRACE_GET_SYSCALL_INFO", task.tid());
    }
    resume(task, 0);
  }

  /** A listener has asked for a delay of a call that is over. */
  private void returnLater(Task task) {
    long delay = task.returnDelay;
    long time = System.nanoTime() + delay;
    task.returnDelay = 0;
    task.returnsAt = time;
    task.state(TaskState.HELD);
    if (releases.concerns(task)) {
      releaseHeld(task);
      return;
    }
    requests.later(
        task.process(),
        delay,
        stops -> {
          if (task.state() == TaskState.HELD && !task.inSyscall && task.returnsAt == time) {
            stops.releaseHeld(task);
          }
        });
  }

  /** A filter hands a call over, which has had its entry stop if every call has one. */
  private void seccompStop(Task task) {
    if (!task.inSyscall) {
      syscallStop(task);
      return;
    }
    if (ptrace.syscallInfo(task.tid()) == Ptrace.SYSCALL_INFO_SECCOMP) {
      syscalls.filtered(task);
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

  /** Lets a task go on from the stop that it is held in, unless an answer comes that will. */
  void releaseHeld(Task task) {
    if (task.hold != null) {
      if (!task.hold.taskDetached()) {
        return;
      }
      task.hold = null;
    }
    task.state(TaskState.STOPPED);
    if (task.inSyscall) {
      syscalls.leaveEntry(task);
    }
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
    interruptions.signalled(task, decided);
    limit(task);
    resume(task, decided);
  }

  /** A call that goes on after an interruption of which its program knows nothing ends in time. */
  void limit(Task task) {
    Wait wait = task.wait;
    if (wait != null && wait.needsClock()) {
      requests.later(task.process(), wait.nanosLeft(), stops -> stops.timeIsUp(task, wait));
    }
  }

  private void timeIsUp(Task task, Wait wait) {
    if (task.wait != wait || !task.isAlive()) {
      return;
    }
    if (task.state() == TaskState.RUNNING) {
      task.interrupt(ptrace);
    }
    // It may be between two of its calls, or in a stop.
    requests.later(task.process(), RETRY_NANOS, stops -> stops.timeIsUp(task, wait));
  }

  void groupStop(Task task, int signal, boolean known) {
    interruptions.stopped(task);
    if (!known) {
      listeners.onGroupStop(task, Signal.of(signal));
    }
    task.listening = true;
    if (releases.concerns(task)) {
      resume(task, 0);
      return;
    }
    task.history.requested(TaskHistory.LISTEN, 0, now);
    resumed(task, ptrace.listen(task.tid()), "PTRACE_LISTEN");
  }

  /**
   * Whether a task waits for what may never come: the fork event that announces it, or the stop at
   * which it can be let go.
   */
  boolean hasStragglers() {
    return lives.hasOrphans() || releases.areUnderWay() || handovers.areUnderWay();
  }

  /** To be called at intervals while there are stragglers, when all events have been taken up. */
  void lookAfterStragglers() {
    lives.lookAfterOrphans();
    handovers.look();
    if (!ptrace.hasKept()) {
      releases.lookAfterStragglers();
      if (lives.isClosingForLong()) {
        releases.leaveToTheKernel();
      }
    }
  }

  Watch watch() {
    return watch;
  }
}
