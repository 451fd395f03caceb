package io.sysmon.internal.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Waits that an interrupt does not end; it is kept for the caller. */
final class Waiting {
  private Waiting() {}

  /** Waits for the thread's end; false when it has not come in time. */
  static boolean join(Thread thread, long timeoutMillis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    boolean interrupted = false;
    try {
      while (thread.isAlive()) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        try {
          thread.join(left);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for the future's end, but not longer than told, and whatever it is. */
  static void upTo(Duration limit, CompletableFuture<?> future) {
    try {
      // A copy: the time-out must not end the future itself.
      get(future.copy().orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      return;
    }
  }

  /** Waits for the result, and throws what the future failed with. */
  static <T> T get(CompletableFuture<T> future) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
