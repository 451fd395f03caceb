package io.sysmon.internal.engine;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one tracer. A new process tree goes to the one that has the fewest tasks; a child
 * begins at its parent's, and is moved when that has too much ({@link Balancer}). Any thread.
 */
final class Shards {
  /** As many threads as there are CPUs, and more so that none has more tasks than {@link #FULL}. */
  static final int AS_NEEDED = 0;

  /**
   * wait4 walks the tasks of the thread, twice an event: beside 100 that are idle a stop takes a
   * fifth longer, beside 1,000 three times as long ({@code benchmarks/RESULTS.md}).
   */
  static final int FULL = 64;

  private final int most;
  private final Function<Shards, TracerThread> maker;
  private final List<TracerThread> all = new CopyOnWriteArrayList<>();
  private final LiveTracees live = new LiveTracees();
  private final Moves moves = new Moves();
  private final @Nullable Balancer balancer;
  private boolean closed;

  /**
   * Starts the first one.
   *
   * @param most or {@link #AS_NEEDED}
   */
  Shards(int most, Function<Shards, TracerThread> maker) {
    this.most = most;
    this.maker = maker;
    start();
    balancer = areSeveral() ? new Balancer(this) : null;
    if (balancer != null) {
      balancer.start();
    }
  }

  /** Whether there may be more than one. */
  boolean areSeveral() {
    return most != 1;
  }

  static int cpus() {
    return Runtime.getRuntime().availableProcessors();
  }

  private synchronized TracerThread start() {
    TracerThread shard = maker.apply(this);
    shard.start();
    all.add(shard);
    return shard;
  }

  /** All that have been started, the first one first. */
  List<TracerThread> all() {
    return all;
  }

  /** For a process that is to be traced. */
  synchronized TracerThread forNewProcess() {
    TracerThread idlest =
        all.stream().min(Comparator.comparingInt(TracerThread::load)).orElseThrow();
    return isToStartAnother(idlest.load()) ? start() : idlest;
  }

  private boolean isToStartAnother(int leastLoad) {
    if (closed || leastLoad == 0) {
      return false;
    }
    return most == AS_NEEDED ? leastLoad >= FULL || all.size() < cpus() : all.size() < most;
  }

  /** Hands a process over, if it can be now; completes with whether it was. */
  CompletableFuture<Boolean> move(Tracee process, TracerThread to, String why) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    String text = process + " from " + process.shard() + " to " + to + ", " + why;
    CompletableFuture<Boolean> told =
        done.thenApply(
            changed -> {
              moves.ended(changed, text);
              return changed;
            });
    boolean taken =
        process
            .shard()
            .offer(stops -> stops.handovers().begin(process, to, done), () -> done.complete(false));
    if (!taken) {
      done.complete(false);
    }
    return told;
  }

  Moves moves() {
    return moves;
  }

  /** A further one; null when there are as many as there may be. */
  synchronized @Nullable TracerThread another() {
    return !closed && (most == AS_NEEDED || all.size() < most) ? start() : null;
  }

  /** The one after another, which is started if there is none yet. */
  synchronized TracerThread after(Requests shard) {
    int next = all.indexOf(shard) + 1;
    TracerThread another = next < all.size() ? all.get(next) : next < most ? another() : null;
    return another == null ? all.get(0) : another;
  }

  /** The one whose thread calls, from a callback; else null. */
  @Nullable TracerThread current() {
    for (TracerThread shard : all) {
      if (shard.isCurrent()) {
        return shard;
      }
    }
    return null;
  }

  /** The processes of all. */
  LiveTracees live() {
    return live;
  }

  void close() {
    synchronized (this) {
      closed = true;
    }
    if (balancer != null) {
      balancer.close();
    }
    all.forEach(TracerThread::beginClosing);
    all.forEach(TracerThread::close);
  }
}
