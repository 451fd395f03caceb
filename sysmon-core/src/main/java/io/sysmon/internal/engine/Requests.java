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
   * Has the tracer thread do something and waits for its result; does it at once when called by the
   * tracer thread itself, in a callback.
   *
   * @throws io.sysmon.IllegalTraceeStateException when it is called by another thread of the tracer
   * @throws io.sysmon.TracerClosedException when the tracer takes nothing any more
   */
  <T> T request(Function<Stops, T> work);

  /** Wakes the tracer thread. */
  void ring();

  /** Has the tracer thread do something after a time, if it still takes anything then. */
  void later(long nanos, Consumer<Stops> work);
}
