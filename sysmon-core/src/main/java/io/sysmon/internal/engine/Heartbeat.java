package io.sysmon.internal.engine;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Looks every second, on the JDK's timer thread, whether a tracer thread does its work: has it look
 * after its tasks, gives it another doorbell when it does not hear the one that it has, and tells
 * of a callback that does not return.
 */
final class Heartbeat {
  private static final System.Logger LOG = System.getLogger("io.sysmon.engine");
  private static final long LONG_NANOS = 10_000_000_000L;
  private static final Executor TICKS =
      CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS, Runnable::run);

  private final TracerThread tracer;
  private final CommandQueue commands;

  /** Since when the thread has been taking up events, in {@link System#nanoTime()}; 0 in a wait. */
  private final AtomicLong busySince = new AtomicLong();

  private volatile boolean due;

  /** The {@link #busySince} that was reported as too long. Timer thread, as what follows. */
  private long reported;

  /** At the last tick there were commands, and the thread waited for events. */
  private boolean wasWaiting;

  Heartbeat(TracerThread tracer, CommandQueue commands) {
    this.tracer = tracer;
    this.commands = commands;
  }

  void start() {
    TICKS.execute(this::tick);
  }

  /** The thread is going to wait for events. */
  void waits() {
    // Ordered, but without the fence of a volatile write: it need not be seen at once.
    busySince.lazySet(0);
  }

  /** The thread takes up events. */
  void works(long now) {
    busySince.lazySet(now);
  }

  /** Since when it has been taking up events, in {@link System#nanoTime()}; 0 in a wait. */
  long busySince() {
    return busySince.get();
  }

  /** Whether the tasks are to be looked at. */
  boolean isDue() {
    return due;
  }

  /** They are going to be looked at. */
  void begins() {
    due = false;
  }

  private void tick() {
    if (!tracer.isAlive()) {
      return;
    }
    long since = busySince.get();
    boolean waiting = since == 0 && commands.isWaiting();
    boolean unheard = waiting && wasWaiting;
    wasWaiting = waiting;
    if (since == 0) {
      if (due || unheard) {
        // It was rung for a second ago, and nobody came.
        tracer.replaceDoorbell();
      } else if (tracer.load() > 0) {
        due = true;
        tracer.ring();
      }
    } else if (System.nanoTime() - since > LONG_NANOS && reported != since) {
      reported = since;
      LOG.log(
          System.Logger.Level.WARNING,
          "The tracer''s thread has been busy for 10 s, and its tracees wait: {0}",
          Objects.requireNonNullElse(tracer.runningCallback(), "it is in no callback"));
    }
    TICKS.execute(this::tick);
  }
}
