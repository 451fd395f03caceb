package io.sysmon.tests.support;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.time.Duration;

/**
 * How much a test does, and how long it may take: {@code -Dsysmon.test.slowness=N} is for a machine
 * that is N times slower than others, such as an emulated one.
 */
public final class Effort {
  private static final int SLOWNESS = Integer.getInteger("sysmon.test.slowness", 1);
  private static final int FEW = 5;

  private Effort() {}

  /** Whether others are faster. */
  static boolean isSlow() {
    return SLOWNESS > 1;
  }

  /** The rounds of a loop, fewer of them on a slow machine, but a few. */
  public static int rounds(int usual) {
    return Math.max(usual / SLOWNESS, Math.min(usual, FEW));
  }

  /** A time in microseconds in which a slow machine does as much as others do in the usual one. */
  public static int micros(int usual) {
    return usual * SLOWNESS;
  }

  /** Skips what emulated machines get wrong. */
  public static void assumeNotEmulated(String why) {
    assumeFalse(isSlow(), why);
  }

  /** How long something may take. */
  public static Duration limit(Duration usual) {
    return usual.multipliedBy(SLOWNESS);
  }
}
