package io.sysmon.monitor;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Hands events over to a thread of its own, so that traced programs do not wait for a terminal or a
 * pipe. When it is full they wait, or events are dropped and counted; the receiver is told how
 * many, by an event of {@link EventKind#MONITOR}, where they are missing.
 */
public final class EventQueue implements Consumer<Event>, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.sysmon.monitor");
  private static final long MOMENT_MILLIS = 50;

  private final BlockingQueue<Event> queue;
  private final boolean drops;
  private final Consumer<? super Event> receiver;
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong delivered = new AtomicLong();
  private final Thread thread = new Thread(this::run, "sysmon-events");

  /** The thread's own, as what follows. */
  private long toldOfDropped;

  private boolean failed;
  private volatile boolean closing;

  /**
   * Starts the thread.
   *
   * @param capacity how many events may wait
   * @param drops whether further ones are dropped; else who brings one waits
   * @param receiver takes them, one after another
   */
  public EventQueue(int capacity, boolean drops, Consumer<? super Event> receiver) {
    queue = new ArrayBlockingQueue<>(capacity);
    this.drops = drops;
    this.receiver = receiver;
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void accept(Event event) {
    if (queue.offer(event)) {
      return;
    }
    if (drops || !thread.isAlive()) {
      dropped.incrementAndGet();
      return;
    }
    boolean interrupted = false;
    boolean taken = false;
    while (!taken && thread.isAlive()) {
      try {
        taken = queue.offer(event, MOMENT_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (!taken) {
      dropped.incrementAndGet();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        Event event = queue.poll(MOMENT_MILLIS, TimeUnit.MILLISECONDS);
        tellOfDropped();
        if (event != null) {
          (isTaken(event) ? delivered : dropped).incrementAndGet();
        } else if (closing) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many since the last time. */
  private void tellOfDropped() {
    long all = dropped.get();
    if (all == toldOfDropped) {
      return;
    }
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("message", "events could not be taken in time, and are dropped");
    details.put("dropped", all - toldOfDropped);
    toldOfDropped = all;
    int self = (int) ProcessHandle.current().pid();
    isTaken(new Event(Instant.now(), EventKind.MONITOR, Actor.of(self), self, details));
  }

  private boolean isTaken(Event event) {
    try {
      receiver.accept(event);
      return true;
    } catch (RuntimeException | Error e) {
      if (!failed) {
        failed = true;
        LOG.log(System.Logger.Level.ERROR, "An event could not be taken", e);
      }
      return false;
    }
  }

  /**
   * How many have been handed over.
   *
   * @return since the beginning
   */
  public long delivered() {
    return delivered.get();
  }

  /**
   * How many have not: because there was no room, or the receiver has failed.
   *
   * @return since the beginning
   */
  public long dropped() {
    return dropped.get();
  }

  /** Hands over what waits, and ends the thread. */
  @Override
  public void close() {
    closing = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    dropped.addAndGet(queue.size());
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
