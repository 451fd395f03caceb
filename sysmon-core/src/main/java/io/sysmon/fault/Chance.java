package io.sysmon.fault;

/** Randomness that depends on nothing but a number. */
final class Chance {
  private static final double UNIT = 0x1.0p-53;

  private Chance() {}

  /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014): near numbers become far ones. */
  static long mix(long seed) {
    long z = seed + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Whether what has a probability happens. */
  static boolean isFor(double probability, long seed) {
    return probability == 1 || (mix(seed) >>> 11) * UNIT < probability;
  }
}
