package io.sysmon.internal.engine;

import java.util.concurrent.CompletableFuture;

/** A process on its way from one tracer thread to another. Used by one thread at a time. */
final class Handover {
  private final Tracee process;
  private final Requests to;
  private final CompletableFuture<Boolean> done;
  private int looks;
  private boolean servesItself;

  /**
   * Describes it.
   *
   * @param done completes with whether the process has changed its thread
   */
  Handover(Tracee process, Requests to, CompletableFuture<Boolean> done) {
    this.process = process;
    this.to = to;
    this.done = done;
  }

  Tracee process() {
    return process;
  }

  /** Its memory may be served by a process that is traced (userfaultfd(2)). */
  void servesItself(boolean perhaps) {
    servesItself = perhaps;
  }

  boolean servesItself() {
    return servesItself;
  }

  Requests to() {
    return to;
  }

  /** How often it has been looked after, this time included. */
  int looked() {
    return ++looks;
  }

  /** Nobody looks at it any more whose tasks are parked. */
  void over(boolean changed) {
    ParkingGuard.end();
    done(changed);
  }

  /** Tells whether the process has changed its thread, if that was not told before. */
  void done(boolean changed) {
    done.complete(changed);
  }
}
