package io.sysmon.internal.engine;

import java.util.function.Consumer;
import java.util.function.Function;

/** The way of other threads to the tracer thread. */
interface Requests {
  /** Whether the calling thread is the tracer thread. */
  boolean isCurrent();

  /** Whether the calling thread is one of those of the tracer: it is in a callback. */
  boolean isInCallback();

  /** Whether the tracer is being closed, also before its thread has taken that up. */
  boolean isClosing();

  /**
   * Has the thread that traces a process do something and waits for its result; does it at once
   * when called by that thread itself, in a callback.
   *
   * @param process one that this thread traces, or has handed over meanwhile
   * @throws io.sysmon.IllegalTraceeStateException when it is called by another thread of the tracer
   * @throws io.sysmon.TracerClosedException when the tracer takes nothing any more
   */
  <T> T request(Tracee process, Function<Stops, T> work);

  /** Wakes the tracer thread. */
  void ring();

  /**
   * Has the thread that traces a process then do something after a time, if it still takes
   * anything.
   */
  void later(Tracee process, long nanos, Consumer<Stops> work);

  /**
   * Has this thread do something.
   *
   * @param refused is called instead when it fails before it has done it
   * @return false when it takes nothing any more; then nothing is called
   */
  boolean offer(Consumer<Stops> work, Runnable refused);
}
