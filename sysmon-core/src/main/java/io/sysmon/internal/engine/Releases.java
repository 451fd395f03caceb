package io.sysmon.internal.engine;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes processes out of the trace and leaves them as they were. Tracer thread.
 *
 * <p>A task can be let go in a stop only: those that run are interrupted, and go at their next stop
 * outside of system calls. A call is followed to its exit stop, where the program's arguments are
 * restored, and where one that the interrupt made fail is made again. It could not be let go at its
 * entry either: the kernel has a task that it detaches look for signals (kernel/ptrace.c,
 * __ptrace_unlink()), and calls that would sleep then answer {@code EINTR}.
 */
final class Releases {
  private static final int ESRCH = 3;

  private final Stops stops;
  private final Lives lives;
  private final Ptrace ptrace;
  private final SyscallStops syscalls;
  private final CodeStops code;
  private final LiveTracees live;

  Releases(
      Stops stops,
      Lives lives,
      Ptrace ptrace,
      SyscallStops syscalls,
      CodeStops code,
      LiveTracees live) {
    this.stops = stops;
    this.lives = lives;
    this.ptrace = ptrace;
    this.syscalls = syscalls;
    this.code = code;
    this.live = live;
  }

  private final Set<Tracee> underWay = new LinkedHashSet<>();

  /** Begins to let a process go. */
  void begin(Tracee process) {
    if (process.isReleasing() || !process.isTraced()) {
      return;
    }
    process.beginRelease();
    underWay.add(process);
    code.removeAll(process);
    for (Task task : process.taskList()) {
      if (task.state() == TaskState.HELD) {
        stops.releaseHeld(task);
      } else if (task.state() == TaskState.RUNNING) {
        task.interrupt(ptrace);
      }
    }
  }

  /** Whether some process is being let go. */
  boolean areUnderWay() {
    return !underWay.isEmpty();
  }

  /** The process is not traced any more. */
  void done(Tracee process) {
    underWay.remove(process);
  }

  /**
   * Lets go of leaders that will not stop any more, and of whose end the kernel does not tell as
   * long as their process lives. One has ended before its threads: it is a zombie, which the kernel
   * lets go when it is reaped (kernel/exit.c, wait_task_zombie()). The other has vanished, and its
   * id is that of a thread that was let go and has called execve (fs/exec.c, de_thread()).
   *
   * <p>For when all events have been taken up: an earlier stop of such a leader may be among them.
   */
  void lookAfterStragglers() {
    for (Tracee process : List.copyOf(underWay)) {
      List<Task> left = process.taskList();
      if (left.size() == 1 && left.get(0).tid() == process.pid() && isBeyondReach(left.get(0))) {
        lives.released(left.get(0));
      }
    }
  }

  /**
   * The tracer's thread is about to end, by which the kernel detaches what it still traces: leaves
   * tasks to that which sleep uninterruptibly, or wait for their vfork child, and have nothing of
   * the tracer's in them.
   */
  void leaveToTheKernel() {
    for (Tracee process : List.copyOf(underWay)) {
      for (Task task : process.taskList()) {
        if (runs(task)
            && !syscalls.isChanged(task)
            && ProcStatus.sleepsUninterruptibly(task.tid())) {
          lives.released(task);
        }
      }
    }
  }

  private static boolean runs(Task task) {
    return task.state() == TaskState.RUNNING || task.state() == TaskState.SEIZED;
  }

  private static boolean isBeyondReach(Task leader) {
    int tid = leader.tid();
    return runs(leader)
        && (ProcStatus.isZombieWithThreads(tid) || ProcStatus.isNotTracedByThisThread(tid));
  }

  /** Whether a task that is about to be resumed is to be let go instead, now or soon. */
  boolean concerns(Task task) {
    return task.process().isReleasing() && task.launch == null;
  }

  /**
   * Lets a task go from its stop.
   *
   * @param signal what is delivered to it, or 0
   * @return false when it has to go on under trace to a later stop
   */
  boolean release(Task task, int signal) {
    task.step = null;
    if (code.awaitsTrap(task)) {
      return false;
    }
    if (task.inSyscall) {
      if (task.unmapsAtEntry) {
        task.hasUnmappedAtEntry = true;
        unmapScratch(task, true);
        if (hasEnded(task)) {
          return true;
        }
      }
      task.interrupt(ptrace);
      return false;
    }
    syscalls.leaveAddressSpace(task);
    if (task.process().addressSpace().hasFree()) {
      if (signal != 0) {
        // It would be lost with its stop.
        task.interrupt(ptrace);
        return false;
      }
      if (waitsWithOwnMask(task)) {
        // Not at its next stop, perhaps: an interrupt may come first that was sent before.
        if (isLast(task) && !task.listening && !task.hasUnmappedAtEntry) {
          task.unmapsAtEntry = true;
          return false;
        }
      } else {
        unmapScratch(task, false);
        if (hasEnded(task)) {
          return true;
        }
        if (task.interruptOnReturn) {
          task.interruptOnReturn = false;
          task.interrupt(ptrace);
          return false;
        }
      }
    }
    stops.placer().release(task);
    task.history.requested(TaskHistory.DETACH, signal, System.nanoTime());
    long result = ptrace.detach(task.tid(), signal);
    if (result == -ESRCH) {
      task.state(TaskState.RUNNING);
      return true;
    }
    SystemCallException.check(result, "PTRACE_DETACH", task.tid());
    lives.released(task);
    return true;
  }

  private boolean waitsWithOwnMask(Task task) {
    try {
      return syscalls.waitsWithOwnMask(task);
    } catch (TraceeDiedException e) {
      // Its end will be taken up.
      return false;
    }
  }

  private boolean hasEnded(Task task) {
    boolean ended = stops.endedMeanwhile(task);
    if (ended) {
      task.state(TaskState.RUNNING);
    }
    return ended;
  }

  private boolean isLast(Task task) {
    Tracee process = task.process();
    return process.taskList().size() == 1
        && live.all().stream()
            .noneMatch(other -> other != process && other.addressSpace() == process.addressSpace());
  }

  /** Removes what was mapped for longer strings and is not in use. */
  private void unmapScratch(Task task, boolean atEntry) {
    try {
      syscalls.unmapFree(task, atEntry);
    } catch (TraceeDiedException e) {
      // Its end, or the execve that ended its program, will be taken up.
      return;
    } catch (TracePermissionException | IllegalTraceeStateException e) {
      // No call can be made in it (its own seccomp filter): some unused pages stay mapped, which
      // harms nobody.
      return;
    }
  }
}
