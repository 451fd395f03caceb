package io.sysmon.examples;

import io.sysmon.Interest;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;

/** Counts the calls of the tasks that are shown, for {@code -c}. */
final class SummaryListener implements SyscallListener {
  private final ShownCalls calls;
  private final ShownTasks shown;
  private final CallCounts counts = new CallCounts();

  SummaryListener(ShownCalls calls, ShownTasks shown) {
    this.calls = calls;
    this.shown = shown;
  }

  @Override
  public Interest interest() {
    return calls.wanted();
  }

  @Override
  public void onExit(SyscallExit call) {
    if (!ShownCalls.hadBegun(call)
        && shown.isShown(call.task())
        && calls.isShown(call)
        && !shown.isInterruptedToLetGo(call)) {
      counts.add(call.signature(), call.failed(), call.durationNanos());
    }
  }

  /** What was counted; to be asked when nothing is traced any more. */
  CallCounts counts() {
    return counts;
  }
}
