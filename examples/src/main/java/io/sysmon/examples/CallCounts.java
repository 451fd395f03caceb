package io.sysmon.examples;

import io.sysmon.decode.SyscallSignature;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts calls for the table of {@code -c}. One thread. */
final class CallCounts {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final int NANOS_PER_MICRO = 1_000;
  private static final String HEADER =
      "% time     seconds  usecs/call     calls    errors syscall\n";
  private static final String RULE =
      "------ ----------- ----------- --------- --------- ----------------\n";

  private final Map<String, Count> byName = new HashMap<>();

  /** What is known of one call. */
  static final class Count {
    private final String name;
    private final long number;
    private long calls;
    private long errors;
    private long nanos;
    private long shortest = Long.MAX_VALUE;
    private long longest;

    Count(String name, long number) {
      this.name = name;
      this.number = number;
    }

    void add(long moreCalls, long moreErrors, long moreNanos) {
      calls += moreCalls;
      errors += moreErrors;
      nanos += moreNanos;
      shortest = Math.min(shortest, moreNanos);
      longest = Math.max(longest, moreNanos);
    }

    String name() {
      return name;
    }

    long calls() {
      return calls;
    }

    long errors() {
      return errors;
    }

    long shortest() {
      return shortest;
    }

    long longest() {
      return longest;
    }

    long average() {
      return calls == 0 ? 0 : nanos / calls;
    }

    long nanos() {
      return nanos;
    }

    long number() {
      return number;
    }

    void append(StringBuilder table, double percent) {
      table.append(
          String.format(
              Locale.ROOT,
              "%6.2f %11.6f %11d %9d %9s %s%n",
              percent,
              nanos / NANOS_PER_SECOND,
              average() / NANOS_PER_MICRO,
              calls,
              errors == 0 ? "" : Long.toString(errors),
              name));
    }
  }

  /** Counts a call that has returned. */
  void add(SyscallSignature call, boolean failed, long nanos) {
    Count count = byName.get(call.name());
    if (count == null) {
      count = new Count(call.name(), call.number());
      byName.put(call.name(), count);
    }
    count.add(1, failed ? 1 : 0, nanos);
  }

  /** The table; empty when nothing was counted. */
  String table(SummaryOrder order) {
    if (byName.isEmpty()) {
      return "";
    }
    List<Count> counts = new ArrayList<>(byName.values());
    counts.sort(order.comparator());
    Count total = new Count("total", 0);
    for (Count count : counts) {
      total.add(count.calls, count.errors, count.nanos);
    }
    StringBuilder table = new StringBuilder(HEADER).append(RULE);
    for (Count count : counts) {
      count.append(table, total.nanos == 0 ? 0 : 100.0 * count.nanos / total.nanos);
    }
    total.append(table.append(RULE), 100);
    return table.toString();
  }
}
