package io.sysmon.monitor;

import io.sysmon.StopTime;
import io.sysmon.TraceeHandle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tells by how much traced processes are slowed, from one look to the next. Used by one thread. */
public final class LoadWatch {
  private static final double NANOS_PER_SECOND = 1e9;

  /**
   * What tracing cost a process between two looks.
   *
   * @param process the process
   * @param stopsPerSecond how often its tasks stopped
   * @param share the time in stops, of all its tasks, to the time that has passed: 1 for a thread
   *     that did nothing else
   */
  public record Load(TraceeHandle process, double stopsPerSecond, double share) {}

  private Map<TraceeHandle, StopTime> before = new HashMap<>();
  private long lookedAt = System.nanoTime();

  /** A watch that has not looked yet. */
  public LoadWatch() {}

  /**
   * Looks.
   *
   * @param processes that are traced now
   * @return those that were there at the last look, and have stopped since; the most slowed first
   */
  public List<Load> look(List<TraceeHandle> processes) {
    long now = System.nanoTime();
    double nanos = Math.max(1, now - lookedAt);
    Map<TraceeHandle, StopTime> current = new HashMap<>();
    processes.forEach(process -> current.put(process, process.stopTime()));
    List<Load> loads = new ArrayList<>();
    current.forEach(
        (process, time) -> {
          StopTime last = before.get(process);
          if (last != null && time.stops() > last.stops()) {
            loads.add(load(process, last, time, nanos));
          }
        });
    loads.sort(Comparator.comparingDouble(Load::share).reversed());
    before = current;
    lookedAt = now;
    return loads;
  }

  private static Load load(TraceeHandle process, StopTime before, StopTime now, double nanos) {
    return new Load(
        process,
        (now.stops() - before.stops()) / nanos * NANOS_PER_SECOND,
        now.duration().minus(before.duration()).toNanos() / nanos);
  }
}
