package io.sysmon.benchmarks;

import java.util.Locale;

/** What samples are measured in. */
enum Unit {
  /** Nanoseconds for one system call of a loop. */
  NANOS_A_CALL("a call") {
    @Override
    String text(double value) {
      return time(value);
    }
  },
  /** Nanoseconds for the whole. */
  NANOS("time") {
    @Override
    String text(double value) {
      return time(value);
    }
  },
  /** Bytes of Java heap. */
  BYTES("bytes") {
    @Override
    String text(double value) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
  };

  private static final double MICRO = 1e3;
  private static final double MILLI = 1e6;
  private static final double SECOND = 1e9;

  private final String heading;

  Unit(String heading) {
    this.heading = heading;
  }

  String heading() {
    return heading;
  }

  abstract String text(double value);

  private static String time(double nanos) {
    if (nanos < MICRO) {
      return String.format(Locale.ROOT, "%.0f ns", nanos);
    }
    if (nanos < MILLI) {
      return String.format(Locale.ROOT, "%.1f µs", nanos / MICRO);
    }
    return nanos < SECOND
        ? String.format(Locale.ROOT, "%.1f ms", nanos / MILLI)
        : String.format(Locale.ROOT, "%.2f s", nanos / SECOND);
  }
}
