package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;

/** Bounds a wait for something that can only be looked at. */
final class Deadline {
  /** How long anything may take that a test waits for. */
  static final long LIMIT_SECONDS = 30;

  private final String what;
  private final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);

  Deadline(String what) {
    this.what = what;
  }

  /** Waits a moment, unless it is over. */
  void pause() throws InterruptedException {
    assertTrue(System.nanoTime() < end, () -> "Waited in vain for " + what);
    Thread.sleep(1);
  }
}
