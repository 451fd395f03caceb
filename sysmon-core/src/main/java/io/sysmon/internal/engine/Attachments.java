package io.sysmon.internal.engine;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.NoSuchProcessException;
import io.sysmon.TraceException;
import io.sysmon.internal.permission.Permission;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts running processes under trace. Tracer thread.
 *
 * <p>{@code PTRACE_SEIZE} does not stop a task and sends no signal; {@code PTRACE_INTERRUPT} then
 * brings it to a stop from which its system calls are seen.
 */
final class Attachments {
  private static final System.Logger LOG = System.getLogger("io.sysmon.engine");
  private static final int EPERM = 1;
  private static final int ESRCH = 3;

  /** A task that begins while {@code /proc} is listed may be missed by that pass, not by two. */
  private static final int QUIET_PASSES = 2;

  private static final int ATTEMPTS = 20;

  private final Stops stops;
  private final Lives lives;
  private final Ptrace ptrace;
  private final LiveTracees live;
  private final TaskTable table;

  Attachments(Stops stops, Lives lives, Ptrace ptrace, LiveTracees live) {
    this.stops = stops;
    this.lives = lives;
    this.ptrace = ptrace;
    this.live = live;
    table = lives.table();
  }

  /**
   * Seizes every task of a process, until no further one is found: tasks of seized ones are traced
   * by themselves, so that the search ends however fast the process makes threads.
   *
   * @param cause what it is attached for; null for itself
   */
  Tracee attach(int pid, @Nullable SystemWide cause) {
    if (live.contains(pid)) {
      throw tracedAlready(pid);
    }
    refuseWhatCannotBe(pid);
    Tracee process = lives.newAttachedTracee(pid, cause);
    try {
      seizeAll(process);
    } catch (RuntimeException e) {
      stops.release(process);
      throw e;
    }
    if (!process.hasTasks()) {
      if (ProcStatus.isTracedByThisThread(pid)) {
        // A tracee has just made it.
        throw tracedAlready(pid);
      }
      throw new NoSuchProcessException(Permission.noSuchProcess(pid));
    }
    joined(process);
    return process;
  }

  /**
   * A task that was seized has stopped, or has ended. When all have, looks once more: one that was
   * about to make another one when it was seized has made it untraced, because the kernel asks
   * before it copies the task (kernel/fork.c, kernel_clone()).
   */
  void joined(Tracee process) {
    process.taskJoins();
    if (process.joined().isDone() || !process.haveAllStopped()) {
      return;
    }
    if (!process.isReleasing() && tasksOf(process.pid()).stream().anyMatch(this::isUnknown)) {
      try {
        seizeAll(process);
      } catch (TraceException e) {
        LOG.log(System.Logger.Level.WARNING, "A task of " + process + " is not traced", e);
      }
    }
    if (process.haveAllStopped()) {
      process.joined().complete(null);
    }
  }

  private boolean isUnknown(int tid) {
    return table.get(tid) == null && !ProcStatus.isZombie(tid);
  }

  private void seizeAll(Tracee process) {
    SeizeRescue rescue = new SeizeRescue();
    try {
      int quiet = 0;
      while (quiet < QUIET_PASSES) {
        quiet = seizeNewTasks(process, rescue) ? 0 : quiet + 1;
        rescue.drainTo(ptrace::keep);
      }
    } finally {
      rescue.close();
      rescue.drainTo(ptrace::keep);
    }
    Task leader = table.get(process.pid());
    if (leader != null && leader.process() == process && isReplaced(leader) && !ptrace.hasKept()) {
      // By a program that has ended, too: else it would have been seized.
      lives.escaped(leader);
    }
  }

  static IllegalTraceeStateException tracedAlready(int pid) {
    return new IllegalTraceeStateException(
        "Process " + pid + " is traced by this tracer already; see Tracer.tracees()");
  }

  private static void refuseWhatCannotBe(int pid) {
    if (ProcStatus.threadGroup(pid) != pid) {
      throw new NoSuchProcessException(Permission.noSuchProcess(pid));
    }
    if (!ProcStatus.isOfOwnPidNamespace()) {
      // The tasks that it lists have other numbers here.
      throw new IllegalTraceeStateException(
          "/proc is that of another pid namespace, so that its process "
              + pid
              + " may be another one than this process would attach to; mount a /proc of this"
              + " namespace (unshare --mount-proc)");
    }
    if (ProcStatus.parent(pid) == ProcessHandle.current().pid()) {
      // A wait for a child takes its ptrace stops too, whatever thread traces it.
      throw new IllegalTraceeStateException(
          "Process "
              + pid
              + " is a child of this JVM, whose reaper thread would take its stops for its end;"
              + " start it by Tracer.launch instead of ProcessBuilder.start");
    }
  }

  /** True when there were any, also when they ended before they could be seized. */
  private boolean seizeNewTasks(Tracee process, SeizeRescue rescue) {
    boolean found = false;
    for (int tid : tasksOf(process.pid())) {
      Task known = table.get(tid);
      if (known == null || isReplaced(known)) {
        found |= seize(process, tid, rescue);
      }
    }
    return found;
  }

  /**
   * Whether a task was seized, and another one has its id now: a thread that had not been seized
   * has called execve and taken the place of the leader, of whose end the kernel does not tell.
   */
  private boolean isReplaced(Task known) {
    return known.state() == TaskState.SEIZED && ptrace.interrupt(known.tid()) == -ESRCH;
  }

  /**
   * Seizes a task.
   *
   * @return false when this thread traces it already, or when it is a leader that has ended. True
   *     also when it has ended otherwise: an untraced task that ends while {@code /proc} is listed
   *     ends the list (fs/proc/base.c, next_tid()), and may have made another one before.
   */
  private boolean seize(Tracee process, int tid, SeizeRescue rescue) {
    if (ProcStatus.isKernelsWorker(tid)) {
      // It makes no system calls, and what it does for an io_uring would fail if it were stopped.
      return false;
    }
    long result = ptrace.seize(tid, process.traceOptions());
    for (int attempt = 1; result == -EPERM; attempt++) {
      if (ProcStatus.isTracedByThisThread(tid)) {
        return false;
      }
      if (ProcStatus.isZombie(tid)) {
        return tid != process.pid();
      }
      if (attempt == ATTEMPTS || ProcStatus.isTraced(tid)) {
        throw Permission.attachRefused(tid);
      }
      // A leader whose place a thread was about to take is refused as one that has ended.
      result = ptrace.seize(tid, process.traceOptions());
    }
    if (result == -ESRCH) {
      return true;
    }
    SystemCallException.check(result, "PTRACE_SEIZE", tid);
    rescue.seized(tid);
    int id = ptrace.interrupt(tid) == -ESRCH ? idAfterExecve(tid, process.pid()) : tid;
    if (table.get(id) == null || id == tid) {
      Task task = new Task(id, process, TaskState.SEIZED);
      lives.seized(task);
      task.interrupt(ptrace);
    }
    return true;
  }

  /**
   * A task was seized that has this id no more. {@code PTRACE_SEIZE} waits for an execve to
   * succeed: the thread that made it then has the leader's id, and may have told of it before it
   * was seized. Else it has ended and was reaped, of which its event tells.
   */
  private static int idAfterExecve(int tid, int pid) {
    return ProcStatus.isTracedByThisThread(pid) ? pid : tid;
  }

  private static List<Integer> tasksOf(int pid) {
    List<Integer> tids = new ArrayList<>();
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      tasks.forEach(task -> tids.add(Integer.valueOf(task.getFileName().toString())));
    } catch (IOException | DirectoryIteratorException e) {
      // It ended while it was listed: what was seized will be reported as ended.
      return tids;
    }
    return tids;
  }
}
