package io.sysmon.internal.engine;

import io.sysmon.TraceException;
import io.sysmon.TracerClosedException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What other threads want done by a tracer thread: taken until the tracer is closed, carried out in
 * its order, refused when there is nobody left to do it. Any thread.
 */
final class CommandQueue {
  /**
   * What another thread wants done.
   *
   * @param run does it, on the tracer thread
   * @param refuse tells that it will not be done
   */
  record Posted(Consumer<Stops> run, Consumer<TraceException> refuse) {
    /** One that nobody waits for. */
    static Posted of(Consumer<Stops> run) {
      return new Posted(run, why -> {});
    }
  }

  /** Guarded by this, as what follows. */
  private final Queue<Posted> commands = new ArrayDeque<>();

  private boolean accepting = true;

  /** No command will be run any more. */
  private boolean over;

  private @Nullable TraceException lostBecause;

  private volatile boolean waiting;

  /**
   * Adds one.
   *
   * @throws TracerClosedException when the tracer was closed
   * @throws TraceException when it has failed
   */
  synchronized void add(Posted command) {
    if (!offer(command)) {
      throwIfLost();
      throw new TracerClosedException("The tracer is closed; build another one");
    }
  }

  /** Adds one, unless the tracer was closed. */
  synchronized boolean offer(Posted command) {
    if (accepting) {
      put(command);
    }
    return accepting;
  }

  /**
   * Adds the answer to a held call, also while the tracer is being closed: an attached task waits
   * for it.
   *
   * @throws TracerClosedException when it is too late
   */
  synchronized void addAnswer(Posted command) {
    if (over) {
      throwIfLost();
      throw new TracerClosedException("The tracer is closed, and the call has been let go");
    }
    put(command);
  }

  /** Adds the last one, and takes nothing any more; when that was done already, does nothing. */
  synchronized void addLast(Posted command) {
    if (accepting) {
      accepting = false;
      put(command);
    }
  }

  private void put(Posted command) {
    commands.add(command);
    waiting = true;
  }

  synchronized boolean isAccepting() {
    return accepting;
  }

  /** Whether there are some, or may be. */
  boolean isWaiting() {
    return waiting;
  }

  /** Has the tracer thread look: whoever should have told it of one may not have been heard. */
  void lookAgain() {
    waiting = true;
  }

  /** Takes the next one; null when there is none. */
  synchronized @Nullable Posted next() {
    Posted command = commands.poll();
    if (command == null) {
      waiting = false;
    }
    return command;
  }

  /** The tracer thread takes no more. */
  synchronized void end() {
    over = true;
  }

  /** The tracer thread has failed. Refuses what is there. */
  void fail(TraceException why) {
    synchronized (this) {
      accepting = false;
      over = true;
      lostBecause = why;
    }
    for (Posted command = next(); command != null; command = next()) {
      command.refuse.accept(why);
    }
  }

  /** Throws why the tracer thread has failed, if it has. */
  synchronized void throwIfLost() {
    if (lostBecause != null) {
      throw new TraceException("The tracer has failed; build another one", lostBecause);
    }
  }
}
