package io.sysmon.internal.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/** Which processes have changed their tracer thread, for a diagnosis. Any thread. */
final class Moves {
  private static final int MAX_KEPT = 8;
  private static final double NANOS_PER_SECOND = 1e9;

  private record Entry(long nanos, String text) {}

  /** Guarded by this, as all. */
  private final Deque<Entry> last = new ArrayDeque<>();

  private long done;
  private long refused;

  /** One has ended: the process has changed its thread, or could not. */
  synchronized void ended(boolean changed, String text) {
    done += changed ? 1 : 0;
    refused += changed ? 0 : 1;
    last.addLast(new Entry(System.nanoTime(), changed ? text : text + ": could not be moved"));
    if (last.size() > MAX_KEPT) {
      last.removeFirst();
    }
  }

  /** How many there were, and the last ones. */
  synchronized List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT, "%d processes changed their thread, %d could not", done, refused));
    long now = System.nanoTime();
    for (Entry entry : last) {
      lines.add(
          String.format(
              Locale.ROOT,
              "    %,.3f s ago: %s",
              (now - entry.nanos) / NANOS_PER_SECOND,
              entry.text));
    }
    return lines;
  }
}
