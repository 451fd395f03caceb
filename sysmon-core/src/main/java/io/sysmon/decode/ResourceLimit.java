package io.sysmon.decode;

/**
 * {@code struct rlimit}, getrlimit(2), and {@code struct rlimit64}, prlimit(2).
 *
 * @param current the soft limit, unsigned; {@link #INFINITY} when there is none
 * @param maximum the hard limit, unsigned; {@link #INFINITY} when there is none
 */
public record ResourceLimit(long current, long maximum) {
  /** No limit, of 32 or 64 bits: the highest unsigned {@code long}. */
  public static final long INFINITY = -1;

  private static final long INFINITY_32 = 0xffff_ffffL;

  static final int WIDE_SIZE = 16;

  static int size(AbiLayout abi) {
    return 2 * abi.registerSize();
  }

  static ResourceLimit of(StructBytes limit) {
    return new ResourceLimit(word(limit, 0), word(limit, limit.abi().registerSize()));
  }

  static ResourceLimit wide(StructBytes limit) {
    return new ResourceLimit(limit.i64(0), limit.i64(8));
  }

  private static long word(StructBytes limit, int offset) {
    boolean narrow = limit.abi().registerSize() == 4;
    long value = limit.kernelUlong(offset);
    return narrow && value == INFINITY_32 ? INFINITY : value;
  }
}
