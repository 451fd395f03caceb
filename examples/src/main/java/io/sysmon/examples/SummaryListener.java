package io.sysmon.examples;

import io.sysmon.Interest;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;

/** Counts the calls of the tasks that are shown, for {@code -c}. */
final class SummaryListener implements SyscallListener, TraceeListener {
  private final CallFilter calls;
  private final boolean allTasks;
  private final CallCounts counts = new CallCounts();
  private int firstPid;

  SummaryListener(CallFilter calls, boolean allTasks) {
    this.calls = calls;
    this.allTasks = allTasks;
  }

  @Override
  public Interest interest() {
    return calls.interest();
  }

  @Override
  public void onStart(TraceeTask task) {
    if (firstPid == 0) {
      firstPid = task.tid();
    }
  }

  @Override
  public void onExit(SyscallExit call) {
    boolean entered = call.durationNanos() != 0;
    if (entered && (allTasks || call.tid() == firstPid) && calls.accepts(call.name())) {
      counts.add(call.signature(), call.failed(), call.durationNanos());
    }
  }

  /** What was counted; to be asked when nothing is traced any more. */
  CallCounts counts() {
    return counts;
  }
}
