package io.sysmon.examples.monitor;

import io.sysmon.SystemTrace;
import io.sysmon.monitor.EventQueue;
import org.jspecify.annotations.Nullable;

/** What is told at the end. */
final class Summary {
  private Summary() {}

  static String of(EventQueue queue, Overload overload, SystemTrace.@Nullable Counts counts) {
    StringBuilder text = new StringBuilder("sysmon: ").append(queue.delivered()).append(" events");
    text.append(", ").append(queue.dropped()).append(" dropped");
    if (overload.shed() > 0) {
      text.append("; the calls of ")
          .append(overload.shed())
          .append(" processes were not looked at");
    }
    if (counts != null) {
      text.append("; ").append(counts.processes()).append(" processes were traced at the end, ");
      text.append(counts.refused()).append(" could not be");
      if (counts.overflows() > 0) {
        text.append("; process events of the kernel were lost ");
        text.append(counts.overflows()).append(" times");
      }
    }
    return text.toString();
  }
}
