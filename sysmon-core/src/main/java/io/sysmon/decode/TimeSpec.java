package io.sysmon.decode;

import java.time.Duration;
import java.time.Instant;

/**
 * {@code struct timespec}, clock_gettime(2): a point in time or a duration. What a program passes
 * may be out of range.
 *
 * @param seconds whole seconds
 * @param nanos nanoseconds, of which a valid time has less than a second
 */
public record TimeSpec(long seconds, long nanos) {
  private static final long UTIME_NOW = 0x3fff_ffff;
  private static final long UTIME_OMIT = 0x3fff_fffe;

  /** {@code tv_sec 0 tv_nsec 8}, with two words of 32 bits in i386. */
  static TimeSpec of(StructBytes bytes, int offset) {
    int word = bytes.abi().registerSize();
    return new TimeSpec(bytes.kernelLong(offset), bytes.kernelLong(offset + word));
  }

  /** {@code struct __kernel_timespec}: 64 bits also in the newer calls of i386. */
  static TimeSpec wide(StructBytes bytes, int offset) {
    return new TimeSpec(bytes.i64(offset), bytes.i64(offset + 8));
  }

  /**
   * Whether a file's time is to become the present, utimensat(2).
   *
   * @return true for {@code UTIME_NOW}
   */
  public boolean isNow() {
    return nanos == UTIME_NOW;
  }

  /**
   * Whether a file's time is to stay, utimensat(2).
   *
   * @return true for {@code UTIME_OMIT}
   */
  public boolean isOmit() {
    return nanos == UTIME_OMIT;
  }

  /**
   * As a duration.
   *
   * @return the same length of time
   * @throws ArithmeticException when no {@link Duration} is that long
   */
  public Duration toDuration() {
    return Duration.ofSeconds(seconds, nanos);
  }

  /**
   * As a point in time since the epoch.
   *
   * @return the same moment
   * @throws java.time.DateTimeException when no {@link Instant} is that far away
   */
  public Instant toInstant() {
    return Instant.ofEpochSecond(seconds, nanos);
  }

  @Override
  public String toString() {
    return "{tv_sec=" + seconds + ", tv_nsec=" + nanos + "}";
  }
}
