package io.sysmon.examples;

import io.sysmon.decode.FormatOptions;
import io.sysmon.decode.FormatOptions.HexStrings;
import java.time.Clock;
import java.time.ZoneId;
import picocli.CommandLine.Option;

/** The options of {@code sysmon strace} that say how calls are printed. */
final class LineOptions {
  @Option(
      names = {"-s", "--string-limit"},
      paramLabel = "SIZE",
      description = "Print at most SIZE bytes of a string (32).")
  private String stringLimit = Integer.toString(FormatOptions.DEFAULT.stringLimit());

  @Option(
      names = {"-a", "--columns"},
      paramLabel = "COLUMN",
      description = "Align results at COLUMN (40).")
  private String resultColumn = "40";

  @Option(
      names = {"-i", "--instruction-pointer"},
      description = "Begin lines with the instruction pointer.")
  private boolean addresses;

  @Option(
      names = {"-n", "--syscall-number"},
      description = "Begin lines with the number of the call.")
  private boolean numbers;

  @Option(
      names = "-t",
      description = "Begin lines with the time; -tt: with microseconds; -ttt: as seconds of 1970.")
  private boolean[] timeOfDay = {};

  @Option(
      names = {"-r", "--relative-timestamps"},
      description = "Begin lines with the time since the line before.")
  private boolean relative;

  @Option(
      names = {"-T", "--syscall-times"},
      description = "End lines with the time spent in the call.")
  private boolean durations;

  @Option(
      names = {"-v", "--no-abbrev"},
      description =
          "Print environments and what stat() fills whole; other structures are abbreviated all the"
              + " same.")
  private boolean verbose;

  @Option(names = "-x", description = "Print strings in hex that are not ASCII; -xx: all strings.")
  private boolean[] hex = {};

  @Option(
      names = "-y",
      description =
          "Print what descriptors are behind their numbers: paths, sockets and pipes by inode; -yy:"
              + " also the addresses of sockets, the numbers of devices, and who pidfds are.")
  private boolean[] descriptors = {};

  @Option(
      names = {"-k", "--stack-traces"},
      description = "Print the stack behind each call and signal.")
  private boolean stacks;

  @Option(
      names = "--pidns-translation",
      description =
          "Where processes are counted in a pid namespace, add what a resulting number is outside.")
  private boolean pidTranslation;

  /**
   * Checks what the parser cannot.
   *
   * @throws UsageException what is wrong
   */
  void check() {
    number("-s", stringLimit);
    number("-a", resultColumn);
  }

  private static int number(String option, String value) {
    try {
      int number = Integer.parseInt(value);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new UsageException("invalid " + option + " argument: '" + value + "'");
    }
    throw new UsageException("invalid " + option + " argument: '" + value + "'");
  }

  FormatOptions format() {
    HexStrings[] kinds = HexStrings.values();
    HexStrings strings = kinds[Math.min(hex.length, kinds.length - 1)];
    return new FormatOptions(number("-s", stringLimit), strings, verbose);
  }

  int resultColumn() {
    return number("-a", resultColumn);
  }

  Descriptors descriptors() {
    Descriptors[] kinds = Descriptors.values();
    return kinds[Math.min(descriptors.length, kinds.length - 1)];
  }

  LineMarks marks() {
    return new LineMarks(numbers, addresses);
  }

  TimeStamps timeStamps() {
    TimeStamps.TimeOfDay[] kinds = TimeStamps.TimeOfDay.values();
    TimeStamps.TimeOfDay kind = kinds[Math.min(timeOfDay.length, kinds.length - 1)];
    Clock clock =
        kind == TimeStamps.TimeOfDay.SECONDS || kind == TimeStamps.TimeOfDay.MICROS
            ? Clock.system(ZoneId.systemDefault())
            : Clock.systemUTC();
    return new TimeStamps(kind, relative, clock, System::nanoTime);
  }

  boolean hasDurations() {
    return durations;
  }

  boolean hasStacks() {
    return stacks;
  }

  /** Whether the tracer's process ids are added to a namespace's. */
  boolean translatesPids() {
    return pidTranslation;
  }
}
