package io.sysmon.internal.engine;

import io.sysmon.ExitStatus;
import io.sysmon.Signal;
import io.sysmon.internal.memory.GeneralRegisters;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes over processes that other tracer threads have parked ({@link Handovers}). Tracer thread.
 */
final class Arrivals {
  private static final int EPERM = 1;
  private static final int ESRCH = 3;

  private final Lives lives;
  private final Ptrace ptrace;
  private final VmTransfer transfer;
  private final GeneralRegisters registers;
  private final SyscallStops syscalls;
  private final Map<Tracee, Handover> coming = new LinkedHashMap<>();

  /** Parked tasks that could not be seized. */
  private final List<Task> late = new ArrayList<>();

  Arrivals(
      Lives lives,
      Ptrace ptrace,
      Architecture architecture,
      VmTransfer transfer,
      SyscallStops syscalls) {
    this.syscalls = syscalls;
    this.lives = lives;
    this.ptrace = ptrace;
    this.transfer = transfer;
    registers = new GeneralRegisters(ptrace, architecture);
  }

  /** Takes a process over whose tasks are parked. */
  void begin(Handover handover, List<Task> parked) {
    coming.put(handover.process(), handover);
    if (handover.servesItself()) {
      transfer.neverWait();
    }
    for (Task task : parked) {
      lives.table().add(task);
      if (seize(task) != 0) {
        late.add(task);
      }
    }
    lookAfterLate();
    lives.arrived(handover.process());
    // All have ended, or were taken back before one was parked.
    if (coming.containsKey(handover.process())) {
      doneUnlessWaiting(handover);
    }
  }

  private long seize(Task task) {
    long result = ptrace.seize(task.tid(), task.process().traceOptions());
    if (result == 0) {
      task.history.requested(TaskHistory.SEIZE, 0, System.nanoTime());
      // It is dying if it is not there: its end will be reported, to its tracer now.
      ptrace.interrupt(task.tid());
    } else if (result != -ESRCH && result != -EPERM) {
      SystemCallException.check(result, "PTRACE_SEIZE", task.tid());
    }
    return result;
  }

  /** The first stop of a task that was parked, whatever stop it is: it has what it had before. */
  void stopped(Task task) {
    Parked parked = task.parked;
    if (parked != null) {
      task.parked = null;
      if (!parked.wake(task.tid(), ptrace, registers)) {
        wentOn(task);
      }
    }
  }

  /**
   * A task has gone on without a tracer, because the tracer was stopped for so long: it may be in
   * another call, and may have made another program of its process.
   */
  private void wentOn(Task task) {
    syscalls.executed(task);
    task.process().addressSpace().wasLeft();
    task.wait = null;
    task.isInterrupted = false;
    task.interrupted = true;
  }

  /** A task that was parked goes on. */
  void goesOn(Task task) {
    Handover handover = coming.get(task.process());
    if (handover != null) {
      doneUnlessWaiting(handover);
    }
  }

  private void doneUnlessWaiting(Handover handover) {
    Tracee process = handover.process();
    if (process.taskList().stream().noneMatch(task -> task.state() == TaskState.ARRIVING)) {
      coming.remove(process);
      handover.over(process.hasTasks());
    }
  }

  /**
   * Parked tasks that cannot be seized were killed, but for those that another tracer has seized in
   * the instant when they had none.
   */
  private void lookAfterLate() {
    for (Task task : List.copyOf(late)) {
      int tid = task.tid();
      if (!task.isAlive() || seize(task) == 0) {
        late.remove(task);
      } else if (ProcStatus.isZombie(tid) || ProcStatus.threadGroup(tid) == 0) {
        if (isGone(task)) {
          late.remove(task);
          // Nothing else ends a parked task.
          lives.end(tid, task, ExitStatus.killed(Signal.SIGKILL, false));
        }
      }
    }
  }

  /**
   * Whether a task that has ended may be forgotten: a leader is the last, and may be ours to reap.
   */
  private static boolean isGone(Task task) {
    Tracee process = task.process();
    return task.tid() != task.pid()
        || (process.taskList().size() == 1
            && (process.launched() == null || Native.reapTracee(task.tid(), new int[1])));
  }

  /** A process is not traced any more. */
  void over(Tracee process) {
    Handover handover = coming.remove(process);
    if (handover != null) {
      handover.over(false);
    }
  }

  boolean areUnderWay() {
    return !coming.isEmpty() || !late.isEmpty();
  }

  /** To be called at intervals while some are under way. */
  void look() {
    lookAfterLate();
    // Those whose last task has ended: by another one's execve, perhaps.
    List.copyOf(coming.values()).forEach(this::doneUnlessWaiting);
  }
}
