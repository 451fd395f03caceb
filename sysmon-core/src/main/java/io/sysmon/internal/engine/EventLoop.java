package io.sysmon.internal.engine;

import io.sysmon.internal.engine.CommandQueue.Posted;
import io.sysmon.internal.event.WaitStatus;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What a tracer thread does all day: waits for events, has each taken up, and runs the commands of
 * other threads. Of that thread, but for the timer's part.
 */
final class EventLoop {
  private static final Duration STRAGGLERS_INTERVAL = Duration.ofMillis(5);
  private static final int UNDRAINED = 8;

  private final Ptrace ptrace;
  private final Doorbell bell;
  private final Stops tracees;
  private final CommandQueue commands;
  private final Heartbeat heartbeat;
  private final Runnable ring;
  private final Batch batch = new Batch();

  /** Events since it was last asked whether there were several. */
  private int undrained;

  /** A timer runs that will set {@link #stragglersDue}. */
  private boolean stragglersTimed;

  private volatile boolean stragglersDue;

  /**
   * @param ring wakes the thread; any thread may call it
   */
  EventLoop(
      Ptrace ptrace,
      Doorbell bell,
      Stops tracees,
      CommandQueue commands,
      Heartbeat heartbeat,
      Runnable ring) {
    this.ptrace = ptrace;
    this.bell = bell;
    this.tracees = tracees;
    this.commands = commands;
    this.heartbeat = heartbeat;
    this.ring = ring;
  }

  /** Runs until it is told, between two waits, that it is at its end. */
  void run(BooleanSupplier isAtEnd) {
    while (!isAtEnd.getAsBoolean()) {
      heartbeat.waits();
      int tid = ptrace.waitAny(true);
      long now = System.nanoTime();
      heartbeat.works(now);
      tracees.at(now);
      SystemCallException.check(tid, "wait4", tid);
      collect(tid);
      for (int i = 0; i < batch.size(); i++) {
        dispatch(batch.tid(i), batch.status(i));
      }
      if (commands.isWaiting()) {
        runCommands();
      }
      if (tracees.placer().isLookDue()) {
        tracees.placer().look();
      }
      if (tracees.hasStragglers()) {
        lookAfterStragglers();
      }
      if (heartbeat.isDue()) {
        heartbeat.begins();
        tracees.watch().check();
      }
    }
  }

  /** Makes a batch of the event that was waited for and those that have come meanwhile. */
  private void collect(int first) {
    batch.clear();
    batch.add(first, ptrace.status());
    if (isToDrain()) {
      int tid;
      while ((tid = ptrace.waitAny(false)) > 0) {
        batch.add(tid, ptrace.status());
      }
      undrained = batch.size() > 1 ? UNDRAINED : 0;
    }
  }

  /**
   * Whether to ask for further events before the first is answered. A task that is busy alone is
   * spared most of these waits; the others are kept waiting for some of its stops at most.
   */
  private boolean isToDrain() {
    return tracees.lives().hasSeveral()
        && (++undrained > UNDRAINED
            || commands.isWaiting()
            || heartbeat.isDue()
            || stragglersDue
            || tracees.hasStragglers());
  }

  private void dispatch(int tid, int status) {
    if (tid == Batch.DROPPED) {
      return;
    }
    if (!bell.is(tid)) {
      tracees.take(tid, status);
    } else if (WaitStatus.kind(status).isEnd()) {
      bell.ended();
      tracees.placer().releaseAll();
      bell.install();
      // A ring may have been lost with it.
      commands.lookAgain();
    } else {
      bell.rung();
    }
  }

  private void runCommands() {
    for (Posted command = commands.next(); command != null; command = commands.next()) {
      command.run().accept(tracees);
    }
  }

  /** Every few milliseconds, by a ring of the doorbell. */
  private void lookAfterStragglers() {
    if (stragglersDue) {
      stragglersDue = false;
      stragglersTimed = false;
      tracees.lookAfterStragglers();
    }
    if (!stragglersTimed) {
      stragglersTimed = true;
      CompletableFuture.delayedExecutor(
              STRAGGLERS_INTERVAL.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
          .execute(
              () -> {
                stragglersDue = true;
                ring.run();
              });
    }
  }
}
