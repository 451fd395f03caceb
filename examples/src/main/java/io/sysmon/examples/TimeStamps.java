package io.sysmon.examples;

import java.time.Clock;
import java.time.Instant;
import java.util.function.LongSupplier;

/** The times before a line ({@code -t}, {@code -r}) and after it ({@code -T}). */
final class TimeStamps {
  private static final int NANOS_PER_MICRO = 1_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final int RELATIVE_SECONDS_WIDTH = 6;
  private static final int MICRO_DIGITS = 6;

  /** The time of day that lines begin with. */
  enum TimeOfDay {
    /** None. */
    NONE,
    /** {@code 06:17:43}. */
    SECONDS,
    /** {@code 06:17:43.129782}. */
    MICROS,
    /** {@code 1795414663.134354}: seconds since 1970. */
    EPOCH
  }

  private final TimeOfDay timeOfDay;
  private final boolean relative;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private long previous;
  private boolean first = true;

  /**
   * Time stamps.
   *
   * @param relative whether lines tell the time since the line before
   * @param clock tells the time of day, in its zone
   * @param nanoTime tells the time between lines
   */
  TimeStamps(TimeOfDay timeOfDay, boolean relative, Clock clock, LongSupplier nanoTime) {
    this.timeOfDay = timeOfDay;
    this.relative = relative;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** None at all. */
  static TimeStamps none() {
    return new TimeStamps(TimeOfDay.NONE, false, Clock.systemUTC(), System::nanoTime);
  }

  /** Appends what the beginning of a line that is printed now tells. */
  void append(StringBuilder line) {
    if (timeOfDay != TimeOfDay.NONE) {
      appendTimeOfDay(line, clock.instant());
      line.append(' ');
    }
    if (relative) {
      line.append(timeOfDay == TimeOfDay.NONE ? "" : "(+");
      appendSincePrevious(line);
      line.append(timeOfDay == TimeOfDay.NONE ? " " : ") ");
    }
  }

  private void appendTimeOfDay(StringBuilder line, Instant now) {
    long epochSecond = now.getEpochSecond();
    int nano = now.getNano();
    if (timeOfDay == TimeOfDay.EPOCH) {
      line.append(epochSecond);
    } else {
      int second = now.atZone(clock.getZone()).toLocalTime().toSecondOfDay();
      padded(line, second / 3600, 2, '0').append(':');
      padded(line, second / 60 % 60, 2, '0').append(':');
      padded(line, second % 60, 2, '0');
    }
    if (timeOfDay != TimeOfDay.SECONDS) {
      line.append('.');
      padded(line, nano / NANOS_PER_MICRO, MICRO_DIGITS, '0');
    }
  }

  private void appendSincePrevious(StringBuilder line) {
    long now = nanoTime.getAsLong();
    long passed = first ? 0 : now - previous;
    first = false;
    previous = now;
    padded(line, passed / NANOS_PER_SECOND, RELATIVE_SECONDS_WIDTH, ' ').append('.');
    padded(line, passed % NANOS_PER_SECOND / NANOS_PER_MICRO, MICRO_DIGITS, '0');
  }

  /** Appends {@code <0.000604>}. */
  static void appendDuration(StringBuilder line, long nanos) {
    line.append('<').append(nanos / NANOS_PER_SECOND).append('.');
    padded(line, nanos % NANOS_PER_SECOND / NANOS_PER_MICRO, MICRO_DIGITS, '0').append('>');
  }

  private static StringBuilder padded(StringBuilder line, long value, int width, char padding) {
    String digits = Long.toString(value);
    for (int i = digits.length(); i < width; i++) {
      line.append(padding);
    }
    return line.append(digits);
  }
}
