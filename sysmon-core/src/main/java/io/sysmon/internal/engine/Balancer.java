package io.sysmon.internal.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides which processes change their tracer thread, on a thread of its own. Two rules:
 *
 * <ul>
 *   <li>A thread with more than {@link Shards#FULL} tasks gives away what it has too much of, those
 *       first that do the least.
 *   <li>A thread that is busy all the time, and traces several processes that are, gives the second
 *       busiest of them to one that is idle.
 * </ul>
 *
 * <p>A process is moved whole, and rests for a second then; for longer each time that it could not
 * be moved.
 */
final class Balancer implements Runnable {
  private static final System.Logger LOG = System.getLogger("io.sysmon.engine");

  /** Between two looks while no thread works. */
  private static final long IDLE_MILLIS = 200;

  private static final long SAMPLE_MILLIS = 10;
  private static final int SAMPLES = 10;

  /**
   * A thread that is bound to a CPU with its tracees ({@link Placer}) waits while they run, half of
   * the time, and is busy all the same.
   */
  private static final int BUSY_PERCENT = 40;

  private static final int IDLE_PERCENT = 20;

  /** What makes a process a busy one: 2,000 stops a second. */
  private static final int BUSY_STOPS = 200;

  /** How many are on their way at a time. */
  private static final int BATCH = 16;

  private static final long BATCH_MILLIS = 500;
  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int LONGEST_BACKOFF = 6;
  private static final long END_MILLIS = 10_000;

  private final Shards shards;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<Tracee, Rest> resting = new HashMap<>();

  /** Until when a process stays where it is, and how often it could not be moved. */
  private record Rest(long until, int failures) {}

  /** A process and how often its tasks have stopped, or were resumed, in some time. */
  private record Activity(Tracee process, int stops) {}

  private record Move(Tracee process, TracerThread to) {}

  Balancer(Shards shards) {
    this.shards = shards;
    thread = new Thread(this, "sysmon-balancer");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Ends it, and waits until it has ended. */
  void close() {
    closed.countDown();
    Waiting.join(thread, END_MILLIS);
  }

  @Override
  public void run() {
    try {
      boolean acted = false;
      while (!isClosedAfter(acted ? 0 : IDLE_MILLIS)) {
        acted = false;
        if (shards.all().stream().anyMatch(shard -> shard.isBusy() || isFull(shard))) {
          Map<Tracee, Integer> before = stops();
          if (isClosedAfterSamples()) {
            return;
          }
          List<Activity> activities = activities(before);
          resting.keySet().retainAll(new HashSet<>(shards.live().all()));
          acted = relieveFull(activities);
          acted |= relieveBusy(activities);
        }
      }
    } catch (InterruptedException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "Processes stay on their tracer threads from now on", e);
    }
  }

  private boolean isClosedAfter(long millis) throws InterruptedException {
    return closed.await(millis, TimeUnit.MILLISECONDS);
  }

  /** Asks each thread several times whether it works: reading the clock at each stop costs more. */
  private boolean isClosedAfterSamples() throws InterruptedException {
    Map<TracerThread, Integer> busy = new HashMap<>();
    for (int i = 0; i < SAMPLES; i++) {
      if (isClosedAfter(SAMPLE_MILLIS)) {
        return true;
      }
      shards.all().forEach(shard -> busy.merge(shard, shard.isBusy() ? 1 : 0, Integer::sum));
    }
    busy.forEach((shard, times) -> shard.busyPercent(100 * times / SAMPLES));
    return false;
  }

  private static boolean isFull(TracerThread shard) {
    return shard.load() > Shards.FULL;
  }

  private Map<Tracee, Integer> stops() {
    Map<Tracee, Integer> stops = new HashMap<>();
    shards.live().all().forEach(process -> stops.put(process, process.stops()));
    return stops;
  }

  /** The least active first. */
  private List<Activity> activities(Map<Tracee, Integer> before) {
    List<Activity> activities = new ArrayList<>();
    before.forEach(
        (process, stops) -> activities.add(new Activity(process, process.stops() - stops)));
    activities.sort(Comparator.comparingInt(Activity::stops));
    return activities;
  }

  /** Whether one was moved. */
  private boolean relieveFull(List<Activity> activities) throws InterruptedException {
    boolean acted = false;
    for (TracerThread full : shards.all()) {
      List<Tracee> own =
          activities.stream().map(Activity::process).filter(one -> one.shard() == full).toList();
      int next = 0;
      int failed = 0;
      while (isFull(full) && next < own.size() - 1 && failed < BATCH) {
        List<Move> moves = new ArrayList<>();
        Map<TracerThread, Integer> planned = new HashMap<>();
        int excess = full.load() - Shards.FULL;
        for (; excess > 0 && moves.size() < BATCH && next < own.size() - 1; next++) {
          Tracee process = own.get(next);
          int tasks = process.taskList().size();
          TracerThread to = mayMove(process) ? roomFor(tasks, full, planned) : null;
          if (to != null) {
            planned.merge(to, tasks, Integer::sum);
            moves.add(new Move(process, to));
            excess -= tasks;
          }
        }
        if (moves.isEmpty()) {
          break;
        }
        int moved = carryOut(moves, "too many tasks");
        acted |= moved > 0;
        failed += moves.size() - moved;
        if (isClosedAfter(0)) {
          return false;
        }
      }
    }
    return acted;
  }

  /** The least loaded thread, or a new one, if it is worth while. */
  private @Nullable TracerThread roomFor(
      int tasks, TracerThread full, Map<TracerThread, Integer> planned) {
    Comparator<TracerThread> byLoad =
        Comparator.comparingInt(shard -> shard.load() + planned.getOrDefault(shard, 0));
    TracerThread least = shards.all().stream().filter(one -> one != full).min(byLoad).orElse(null);
    int load = least == null ? Shards.FULL : least.load() + planned.getOrDefault(least, 0);
    if (load + tasks > Shards.FULL && load > 0) {
      TracerThread another = shards.another();
      if (another != null) {
        return another;
      }
    }
    boolean isBetter = load + 2 * tasks + Shards.FULL / 4 < full.load();
    return load + tasks <= Shards.FULL || isBetter ? least : null;
  }

  /** Whether one was moved. */
  private boolean relieveBusy(List<Activity> activities) throws InterruptedException {
    boolean acted = false;
    for (TracerThread busy : shards.all()) {
      List<Tracee> active =
          activities.stream()
              .filter(one -> one.stops() >= BUSY_STOPS && one.process().shard() == busy)
              .map(Activity::process)
              .toList();
      if (busy.busyPercent() < BUSY_PERCENT || active.size() < 2) {
        continue;
      }
      Tracee second = active.get(active.size() - 2);
      TracerThread idle = mayMove(second) ? idle() : null;
      if (idle != null) {
        // It is not idle any more for those that come after.
        idle.busyPercent(BUSY_PERCENT);
        acted |= carryOut(List.of(new Move(second, idle)), "too busy") > 0;
      }
    }
    return acted;
  }

  private @Nullable TracerThread idle() {
    return shards.all().stream()
        .filter(shard -> shard.busyPercent() < IDLE_PERCENT && shard.load() < Shards.FULL)
        .min(Comparator.comparingInt(TracerThread::busyPercent))
        .orElseGet(() -> shards.all().size() < Shards.cpus() ? shards.another() : null);
  }

  private boolean mayMove(Tracee process) {
    Rest rest = resting.get(process);
    return process.isTraced() && (rest == null || System.nanoTime() - rest.until > 0);
  }

  /** How many were moved. */
  private int carryOut(List<Move> moves, String why) throws InterruptedException {
    List<CompletableFuture<Boolean>> results =
        moves.stream().map(move -> shards.move(move.process, move.to, why)).toList();
    Waiting.upTo(
        Duration.ofMillis(BATCH_MILLIS),
        CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new)));
    int moved = 0;
    for (int i = 0; i < results.size(); i++) {
      Tracee process = moves.get(i).process;
      boolean done = results.get(i).getNow(false);
      moved += done ? 1 : 0;
      Rest before = resting.get(process);
      int failures = done ? 0 : Math.min(LONGEST_BACKOFF, before == null ? 1 : before.failures + 1);
      resting.put(process, new Rest(System.nanoTime() + (REST_NANOS << failures), failures));
    }
    return moved;
  }
}
