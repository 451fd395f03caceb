package io.sysmon.internal.engine;

import io.sysmon.IllegalTraceeStateException;
import org.jspecify.annotations.Nullable;

/**
 * What all views of a stop share: they are about one task at a time, and valid on the tracer's
 * thread until the callback returns. One object serves all stops of its kind, in turn.
 */
abstract class StopView {
  private final Thread owner;
  private @Nullable Task current;

  /** Tells this stop from those that the view was of before. */
  private long serial;

  StopView(Thread owner) {
    this.owner = owner;
  }

  final void begin(Task task) {
    current = task;
    serial++;
  }

  final void end() {
    current = null;
  }

  /** The task that the callback under way is about; throws when there is none, or elsewhere. */
  final Task current() {
    Task task = current;
    if (Thread.currentThread() != owner || task == null) {
      throw new IllegalTraceeStateException(refusal());
    }
    return task;
  }

  final long serial() {
    return serial;
  }

  /** The task, for what was made at the stop with that number, and is valid as long. */
  final Task current(long stop) {
    Task task = current();
    if (stop != serial) {
      throw new IllegalTraceeStateException(refusal());
    }
    return task;
  }

  /** The same without the check, for the engine and for texts. */
  final @Nullable Task shown() {
    return current;
  }

  /** What to say when the view is used where it is not valid. */
  abstract String refusal();
}
