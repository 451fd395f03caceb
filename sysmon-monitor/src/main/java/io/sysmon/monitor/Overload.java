package io.sysmon.monitor;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.TraceeHandle;
import io.sysmon.TracerClosedException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells of processes that tracing slows too much, and relieves them if that is wanted: the most
 * slowed one at each look, because the others may do without. Used by one thread.
 */
public final class Overload {
  /**
   * A process is slowed too much that is in stops for more than this share of its time, so often.
   */
  private static final double TOO_MUCH = 0.5;

  private static final int LOOKS = 3;

  private final Monitor monitor;
  private final Consumer<? super Event> events;
  private final Shedding shedding;
  private final LoadWatch watch = new LoadWatch();
  private final Map<TraceeHandle, Slowed> slowed = new HashMap<>();
  private final Map<TraceeHandle, Shed> shed = new LinkedHashMap<>();

  /** A process that is slowed too much. */
  private static final class Slowed {
    final Instant since = Instant.now();
    int looks;
    boolean told;
  }

  /**
   * A process of which not everything is told any more.
   *
   * @param actor who it was then
   * @param since when
   * @param until when it was seen to have ended; null for one that runs, and for one that was let
   *     go, of which nothing is known from then on
   * @param released whether it was let go; else its calls are not looked at
   * @param stopsPerSecond how often it stopped last: twice a call
   * @param share of its time that it was in stops last, as {@link LoadWatch.Load#share()}
   */
  public record Shed(
      Actor actor,
      Instant since,
      @Nullable Instant until,
      boolean released,
      double stopsPerSecond,
      double share) {
    /**
     * For how long its calls have not been told.
     *
     * @param now until when, if it has not ended
     * @return zero or more
     */
    public Duration duration(Instant now) {
      return Duration.between(since, until == null ? now : until);
    }

    private Shed ended(Instant when) {
      return until != null || released
          ? this
          : new Shed(actor, since, when, false, stopsPerSecond, share);
    }
  }

  /**
   * Watches over the processes of a monitor.
   *
   * @param monitor of these processes
   * @param events takes what is told, as {@link EventKind#MONITOR}
   * @param shedding what is done about a process that is slowed too much
   */
  public Overload(Monitor monitor, Consumer<? super Event> events, Shedding shedding) {
    this.monitor = monitor;
    this.events = events;
    this.shedding = shedding;
  }

  /**
   * Looks: about once a second.
   *
   * @param processes that are traced now
   * @return those that have stopped since the last look, the most slowed first
   */
  public List<LoadWatch.Load> look(List<TraceeHandle> processes) {
    List<LoadWatch.Load> loads = watch.look(processes);
    slowed.keySet().retainAll(processes);
    shed.replaceAll(
        (process, state) -> processes.contains(process) ? state : state.ended(Instant.now()));
    boolean relieved = shedding == Shedding.NOTHING;
    for (LoadWatch.Load load : loads) {
      if (load.share() < TOO_MUCH) {
        slowed.remove(load.process());
        continue;
      }
      Slowed state = slowed.computeIfAbsent(load.process(), process -> new Slowed());
      if (++state.looks < LOOKS) {
        continue;
      }
      if (!relieved && !shed.containsKey(load.process())) {
        relieved = relieve(load, state);
      } else if (!state.told) {
        tell(load, state, "");
      }
    }
    return loads;
  }

  /** Whether it was. */
  private boolean relieve(LoadWatch.Load load, Slowed state) {
    TraceeHandle process = load.process();
    Actor actor = Actor.of(process.pid());
    try {
      boolean released = shedding == Shedding.RELEASE && release(process);
      if (!released) {
        monitor.narrow(process);
      }
      shed.put(
          process,
          new Shed(actor, Instant.now(), null, released, load.stopsPerSecond(), load.share()));
      tell(
          load,
          state,
          released
              ? "; it is let go, and not traced any more"
              : "; its calls are not looked at any more");
      return true;
    } catch (IllegalTraceeStateException | TracerClosedException e) {
      // It has ended, or is let go just now.
      return false;
    }
  }

  /** False when it has a filter of the tracer, which it cannot lose. */
  private static boolean release(TraceeHandle process) {
    try {
      process.detach(Duration.ZERO);
      return true;
    } catch (IllegalTraceeStateException e) {
      return false;
    } catch (InterruptedException e) {
      // It is being let go all the same.
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void tell(LoadWatch.Load load, Slowed state, String consequence) {
    state.told = true;
    Map<String, Object> details = new LinkedHashMap<>();
    details.put(
        "message",
        String.format(
            Locale.ROOT,
            "slowed by tracing: %.0f %% of its time in stops, %.0f stops a second%s",
            100 * load.share(),
            load.stopsPerSecond(),
            consequence));
    details.put("slowed", Math.round(100 * load.share()));
    details.put("stops", Math.round(load.stopsPerSecond()));
    details.put("since", state.since.toString());
    int pid = load.process().pid();
    events.accept(new Event(Instant.now(), EventKind.MONITOR, Actor.of(pid), pid, details));
  }

  /**
   * The processes of which not everything was told, in the order in which they were shed. What they
   * have not been told about cannot be counted, for it made no stops: there is how long it lasted,
   * and how often they stopped before.
   *
   * @return a copy
   */
  public Collection<Shed> shed() {
    return List.copyOf(shed.values());
  }
}
