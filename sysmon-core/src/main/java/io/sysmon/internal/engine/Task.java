package io.sysmon.internal.engine;

import io.sysmon.TraceeHandle;
import io.sysmon.TraceeTask;
import io.sysmon.decode.SyscallSignature;
import org.jspecify.annotations.Nullable;

/** One task: its identity, its state, and the system call it is in. */
final class Task implements TraceeTask {
  static final int ARGUMENTS = 6;

  private volatile int tid;
  private final Tracee tracee;
  private volatile boolean alive = true;
  private TaskState state;

  /** Set from the entry stop to the exit stop of a call. */
  boolean inSyscall;

  /** The ABI's index in the architecture's list. */
  int abi;

  /** The number's index in that ABI's table. */
  int index;

  /** The call's raw number. */
  long number;

  /** Which bits of an argument register belong to the call's ABI. */
  long argumentMask = -1;

  final long[] arguments = new long[ARGUMENTS];
  @Nullable SyscallSignature signature;

  /** {@link System#nanoTime()} when the call went on from its entry stop; 0 when nobody asked. */
  long enteredNanos;

  /** While EARLY: the status of its first stop, which waits for its answer. */
  int firstStop;

  /** While EARLY: how many intervals it has waited for its fork event. */
  int intervalsWaited;

  /** Set while this task is a gate on its way to becoming the program. */
  @Nullable PendingLaunch launch;

  Task(int tid, Tracee tracee, TaskState state) {
    this.tid = tid;
    this.tracee = tracee;
    this.state = state;
  }

  @Override
  public int tid() {
    return tid;
  }

  /** The thread called execve and has taken its leader's id. Not while it is in a table. */
  void becomeLeader(int leaderTid) {
    tid = leaderTid;
  }

  @Override
  public TraceeHandle tracee() {
    return tracee;
  }

  Tracee process() {
    return tracee;
  }

  TaskState state() {
    return state;
  }

  void state(TaskState next) {
    if (state == TaskState.ENDED) {
      throw new IllegalStateException("Task " + tid + " has ended and cannot be " + next);
    }
    state = next;
    if (next == TaskState.ENDED) {
      alive = false;
    }
  }

  @Override
  public boolean isAlive() {
    return alive;
  }

  @Override
  public String toString() {
    return "task " + tid + " of process " + tracee.pid();
  }
}
