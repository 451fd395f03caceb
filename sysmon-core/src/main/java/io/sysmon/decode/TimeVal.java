package io.sysmon.decode;

import java.time.Duration;

/**
 * {@code struct timeval}, gettimeofday(2): what {@link TimeSpec} is, in microseconds.
 *
 * @param seconds whole seconds
 * @param micros microseconds, of which a valid time has less than a second
 */
public record TimeVal(long seconds, long micros) {
  private static final long NANOS = 1000;

  static TimeVal of(StructBytes bytes, int offset) {
    int word = bytes.abi().registerSize();
    return new TimeVal(bytes.kernelLong(offset), bytes.kernelLong(offset + word));
  }

  /**
   * As a duration.
   *
   * @return the same length of time
   * @throws ArithmeticException when no {@link Duration} is that long
   */
  public Duration toDuration() {
    return Duration.ofSeconds(seconds).plusNanos(Math.multiplyExact(micros, NANOS));
  }

  @Override
  public String toString() {
    return "{tv_sec=" + seconds + ", tv_usec=" + micros + "}";
  }
}
