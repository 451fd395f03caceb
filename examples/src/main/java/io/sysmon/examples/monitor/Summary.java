package io.sysmon.examples.monitor;

import io.sysmon.SystemTrace;
import io.sysmon.monitor.EventQueue;
import io.sysmon.monitor.Overload;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is told at the end. */
final class Summary {
  private Summary() {}

  static String of(
      EventQueue queue,
      Collection<Overload.Shed> shed,
      long narrowedChildren,
      SystemTrace.@Nullable Counts counts) {
    StringBuilder text = new StringBuilder("sysmon: ").append(queue.delivered()).append(" events");
    text.append(", ").append(queue.dropped()).append(" dropped");
    add(text, shed, false, "processes were not looked at any more");
    if (narrowedChildren > 0) {
      text.append(", nor those of ").append(narrowedChildren).append(" that they made");
    }
    add(text, shed, true, "processes were let go");
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

  /** What was not told cannot be counted: how long that was, and how much it was before. */
  private static void add(
      StringBuilder text, Collection<Overload.Shed> all, boolean released, String what) {
    List<Overload.Shed> shed = all.stream().filter(each -> each.released() == released).toList();
    if (shed.isEmpty()) {
      return;
    }
    Instant now = Instant.now();
    double seconds = 0;
    double stops = 0;
    for (Overload.Shed each : shed) {
      seconds += each.duration(now).toMillis() / 1e3;
      stops += each.stopsPerSecond();
    }
    text.append(
        String.format(
            Locale.ROOT,
            "; %s%d %s, for %.0f s altogether; before, they stopped %.0f times a second",
            released ? "" : "the calls of ",
            shed.size(),
            what,
            seconds,
            stops));
  }
}
