package io.sysmon.tests.support;

import java.time.Duration;

/**
 * How much a test does, and how long it may take: {@code -Dsysmon.test.slowness=N} is for a machine
 * that is N times slower than others, such as an emulated one.
 */
public final class Effort {
  private static final int SLOWNESS = Integer.getInteger("sysmon.test.slowness", 1);

  private Effort() {}

  /** The rounds of a loop, fewer of them on a slow machine. */
  public static int rounds(int usual) {
    return usual / SLOWNESS;
  }

  /** How long something may take. */
  public static Duration limit(Duration usual) {
    return usual.multipliedBy(SLOWNESS);
  }
}
