package io.sysmon.internal.engine;

import io.sysmon.Signal;
import io.sysmon.internal.sys.Native;
import java.util.function.IntSupplier;

/**
 * A process's id, which is another one's when it was reaped: nothing is sent to it then. Any
 * thread.
 */
final class GuardedPid {
  private static final int ESRCH = 3;

  private final int pid;

  /** Guarded by this. */
  private boolean reaped;

  GuardedPid(int pid) {
    this.pid = pid;
  }

  /**
   * Sends something to the process or to one of its tasks.
   *
   * @param call does it, and gives 0 or minus the errno
   * @return what it gave; {@code -ESRCH} when the process was reaped
   */
  synchronized int send(IntSupplier call) {
    return reaped ? -ESRCH : call.getAsInt();
  }

  /**
   * Kills it, if this process may: it may trace a set-user-ID program without that. The kernel ends
   * such a one with the tracer's thread ({@code PTRACE_O_EXITKILL}).
   */
  synchronized void killIfAllowed() {
    if (!reaped) {
      Native.kill(pid, Signal.SIGKILL.number());
    }
  }

  /**
   * Called right after wait4 has told of the leader's end: for a child of ours the pid is free now.
   * A signal sent in the instants between goes to whoever got the number; the kernel hands numbers
   * out in turn, so that this needs the whole range to be used up meanwhile.
   */
  synchronized void reaped() {
    reaped = true;
  }

  /** Reaps it: nothing is sent meanwhile. */
  synchronized int reap(IntSupplier wait) {
    int waitStatus = wait.getAsInt();
    reaped = true;
    return waitStatus;
  }
}
