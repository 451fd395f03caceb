package io.sysmon.internal.engine;

import java.util.concurrent.TimeUnit;

/**
 * Sees to it that this JVM does not exit while a process is parked, which would have to go on by
 * itself, or could not ({@link Parking}). Any thread.
 */
final class ParkingGuard {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How many processes are parked. Guarded by the class, as what follows. */
  private static int parked;

  private static boolean exiting;

  static {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(ParkingGuard::exit, "sysmon-exit"));
    } catch (IllegalStateException e) {
      // Too late: the JVM is exiting.
      exiting = true;
    }
  }

  private ParkingGuard() {}

  /** A process is going to be parked, unless the JVM is exiting: then false. */
  static synchronized boolean begin() {
    parked += exiting ? 0 : 1;
    return !exiting;
  }

  /** It goes on, or has ended. */
  static synchronized void end() {
    parked--;
    ParkingGuard.class.notifyAll();
  }

  /** Not for long: a callback that exits the JVM holds a tracer's thread. */
  private static synchronized void exit() {
    exiting = true;
    long deadline = System.nanoTime() + LIMIT_NANOS;
    try {
      for (long left = LIMIT_NANOS; parked > 0 && left > 0; left = deadline - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(ParkingGuard.class, left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
