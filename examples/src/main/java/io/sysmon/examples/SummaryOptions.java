package io.sysmon.examples;

import picocli.CommandLine.Option;

/** The options of {@code sysmon strace} that ask for a table of calls. */
final class SummaryOptions {
  @Option(
      names = {"-c", "--summary-only"},
      description = "Count calls, errors and time spent, and print only a table of them.")
  private boolean summaryOnly;

  @Option(
      names = {"-C", "--summary"},
      description = "As -c, and print the calls too.")
  private boolean summary;

  @Option(
      names = {"-S", "--summary-sort-by"},
      paramLabel = "COLUMN",
      description =
          "Sort the table by time (as it is), calls, errors, name, avg-time, min-time, max-time,"
              + " or not at all (nothing).")
  private String sortBy = "time";

  @Option(
      names = {"-w", "--summary-wall-clock"},
      description = "The table's times are wall clock times; they always are.")
  private boolean wallClock;

  /**
   * Checks what the parser cannot.
   *
   * @throws UsageException what is wrong
   */
  void check() {
    if (summary && summaryOnly) {
      throw new UsageException("-c/--summary-only and -C/--summary are mutually exclusive");
    }
    SummaryOrder.parse(sortBy);
    if (wallClock && !isWanted()) {
      throw new UsageException(
          "-w/--summary-wall-clock must be given with (-c/--summary-only or -C/--summary)");
    }
  }

  boolean isWanted() {
    return summary || summaryOnly;
  }

  SummaryOrder order() {
    return SummaryOrder.parse(sortBy);
  }

  boolean isOnly() {
    return summaryOnly && !summary;
  }
}
