package io.sysmon.examples;

import java.util.Comparator;

/** What the table of {@code -c} is sorted by, {@code -S}. */
enum SummaryOrder {
  /** The most time first. */
  TIME,
  /** The longest of the shortest first. */
  SHORTEST,
  /** The longest first. */
  LONGEST,
  /** The longest on average first. */
  AVERAGE,
  /** The most frequent first. */
  CALLS,
  /** What failed most often first. */
  ERRORS,
  /** By the alphabet. */
  NAME,
  /** By number. */
  NUMBER;

  /**
   * The order by one of the names that strace(1) has for it.
   *
   * @throws UsageException when it has none such
   */
  static SummaryOrder parse(String name) {
    // All times are wall clock times, and each name may have its words either way round.
    String hyphens = name.replace('_', '-');
    return switch (hyphens) {
      case "time", "time-percent", "time-total", "total-time", "wall-total", "total-wall" -> TIME;
      case "shortest", "time-min", "min-time", "wall-min", "min-wall" -> SHORTEST;
      case "longest", "time-max", "max-time", "wall-max", "max-wall" -> LONGEST;
      case "time-avg", "avg-time", "wall-avg", "avg-wall" -> AVERAGE;
      case "calls", "count" -> CALLS;
      case "error", "errors" -> ERRORS;
      case "name", "syscall", "syscall-name" -> NAME;
      case "none", "nothing" -> NUMBER;
      default -> throw new UsageException("invalid sortby: '" + name + "'");
    };
  }

  Comparator<CallCounts.Count> comparator() {
    Comparator<CallCounts.Count> comparator =
        switch (this) {
          case TIME -> Comparator.comparingLong(CallCounts.Count::nanos).reversed();
          case SHORTEST -> Comparator.comparingLong(CallCounts.Count::shortest).reversed();
          case LONGEST -> Comparator.comparingLong(CallCounts.Count::longest).reversed();
          case AVERAGE -> Comparator.comparingLong(CallCounts.Count::average).reversed();
          case CALLS -> Comparator.comparingLong(CallCounts.Count::calls).reversed();
          case ERRORS -> Comparator.comparingLong(CallCounts.Count::errors).reversed();
          case NAME -> Comparator.comparing(CallCounts.Count::name);
          case NUMBER -> Comparator.comparingLong(CallCounts.Count::number);
        };
    return comparator.thenComparingLong(CallCounts.Count::number);
  }
}
