package io.sysmon;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Hands processes over from one thread of a tracer to another, when a test wants it. */
public final class Moves {
  private static final long LIMIT_SECONDS = 20;

  private Moves() {}

  /**
   * Hands a process over to the next thread, and waits until it goes on there.
   *
   * @return false when it could not be handed over, and goes on where it was, or has ended
   */
  public static boolean move(Tracer tracer, int pid) {
    try {
      return tracer.engine().move(pid).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | InterruptedException | TimeoutException e) {
      throw new AssertionError(tracer.diagnose(), e);
    }
  }
}
