package io.sysmon.examples.monitor;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.TraceeHandle;
import io.sysmon.TracerClosedException;
import io.sysmon.monitor.Actor;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.EventKind;
import io.sysmon.monitor.LoadWatch;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Tells of processes that tracing slows too much, and stops looking at their calls if that is
 * wanted.
 */
final class Overload {
  /** A process is told of that is kept in stops for more than this share of its time, so often. */
  private static final double TOO_MUCH = 0.5;

  private static final int LOOKS = 3;

  private final Consumer<Event> events;
  private final boolean sheds;
  private final LoadWatch watch = new LoadWatch();
  private final Map<TraceeHandle, Integer> tooMuch = new HashMap<>();
  private final Set<TraceeHandle> told = new HashSet<>();
  private List<LoadWatch.Load> loads = List.of();
  private int shed;

  Overload(Consumer<Event> events, boolean sheds) {
    this.events = events;
    this.sheds = sheds;
  }

  void look(List<TraceeHandle> processes) {
    loads = watch.look(processes);
    tooMuch.keySet().retainAll(processes);
    told.retainAll(processes);
    for (LoadWatch.Load load : loads) {
      if (load.share() < TOO_MUCH) {
        tooMuch.remove(load.process());
      } else if (tooMuch.merge(load.process(), 1, Integer::sum) >= LOOKS
          && told.add(load.process())) {
        tell(load);
      }
    }
  }

  private void tell(LoadWatch.Load load) {
    TraceeHandle process = load.process();
    String message =
        String.format(
            Locale.ROOT,
            "slowed by tracing: %.0f %% of its time in stops, %.0f stops a second",
            100 * load.share(),
            load.stopsPerSecond());
    if (sheds) {
      try {
        process.narrow(Interest.none());
      } catch (IllegalTraceeStateException | TracerClosedException e) {
        // It is let go just now.
        return;
      }
      shed++;
      message += "; its calls are not looked at any more";
    }
    events.accept(
        new Event(
            Instant.now(),
            EventKind.MONITOR,
            Actor.of(process.pid()),
            process.pid(),
            Map.of("message", message)));
  }

  /** At the last look, the most slowed first. */
  List<LoadWatch.Load> loads() {
    return loads;
  }

  /** How many processes' calls are not looked at any more. */
  int shed() {
    return shed;
  }
}
