package io.sysmon.examples;

import io.sysmon.decode.FormatOptions;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code sysmon strace}, with strace(1)'s names and meanings. */
final class StraceOptions {
  private static final int DEFAULT_RESULT_COLUMN = 40;
  private static final int SEPARATE_FILES = 2;

  @Option(
      names = {"-f", "--follow-forks"},
      description = "Show child processes and threads too; -ff with -o: a file for each, FILE.PID.")
  private boolean[] follow = {};

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the trace to FILE instead of standard error.")
  private @Nullable String output;

  @Option(
      names = {"-A", "--output-append-mode"},
      description = "Append to the file of -o.")
  private boolean append;

  @Option(
      names = {"-e", "--trace"},
      paramLabel = "EXPR",
      description =
          "Show only these calls: [trace=][!]WHAT[,WHAT]..., each a name, ?NAME, %%class, /regex,"
              + " all or none.")
  private @Nullable String expression;

  @Option(
      names = {"-q", "--quiet"},
      description =
          "-q: no messages about attached and detached tasks; -qq: none about their exits either.")
  private boolean[] quiet = {};

  @Option(
      names = {"-s", "--string-limit"},
      paramLabel = "SIZE",
      description = "Print at most SIZE bytes of a string (32).")
  private int stringLimit = FormatOptions.DEFAULT.stringLimit();

  @Option(
      names = {"-a", "--columns"},
      paramLabel = "COLUMN",
      description = "Align results at COLUMN (40).")
  private int resultColumn = DEFAULT_RESULT_COLUMN;

  @Option(
      names = {"-c", "--summary-only"},
      description = "Count calls, errors and time spent, and print only a table of them.")
  private boolean summaryOnly;

  @Option(
      names = {"-C", "--summary"},
      description = "As -c, and print the calls too.")
  private boolean summary;

  @Option(
      names = {"-w", "--summary-wall-clock"},
      description = "The table's times are wall clock times; they always are.")
  private boolean unusedWallClock;

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
      description = "Accepted; structures are abbreviated all the same.")
  private boolean unusedVerbose;

  @Option(
      names = {"-E", "--env"},
      paramLabel = "VAR[=VAL]",
      description = "Set VAR in the command's environment, or remove it.")
  private List<String> environment = List.of();

  @Option(
      names = "--pidns-translation",
      description =
          "Where processes are counted in a pid namespace, add what a resulting number is outside.")
  private boolean pidTranslation;

  @Option(
      names = {"-p", "--attach"},
      paramLabel = "PID",
      description =
          "Trace the running process PID until it ends or Ctrl-C detaches it. Repeatable; PID may be"
              + " several, with commas or blanks between. Without -f: only its first thread.")
  private List<String> attach = List.of();

  /**
   * Checks what the parser cannot.
   *
   * @throws UserException what is wrong
   */
  void check() {
    if (stringLimit < 0) {
      throw new UserException("invalid -s argument: '" + stringLimit + "'");
    }
    if (resultColumn < 0) {
      throw new UserException("invalid -a argument: '" + resultColumn + "'");
    }
    if (isSummary() && separateFiles()) {
      throw new UserException("-c and -C make one table and cannot go with -ff -o FILE");
    }
  }

  /**
   * What is to be attached.
   *
   * @throws UserException when a process id is none
   */
  Targets targets() {
    return Targets.parse(attach);
  }

  boolean isFollowing() {
    return follow.length > 0;
  }

  boolean separateFiles() {
    return follow.length >= SEPARATE_FILES && output != null;
  }

  @Nullable String output() {
    return output;
  }

  boolean isAppending() {
    return append;
  }

  CallFilter calls() {
    return expression == null ? CallFilter.all() : CallFilter.parse(expression);
  }

  /** Whether the tracer's process ids are added to a namespace's. */
  boolean translatesPids() {
    return pidTranslation;
  }

  /** Whether new and detached tasks are told of. */
  boolean tellsAttached() {
    return quiet.length == 0;
  }

  /** Whether it is told when a task begins to make calls of another ABI: not in a file. */
  boolean tellsModes() {
    return tellsAttached() && output == null;
  }

  /** Whether the ends of tasks are told of. */
  boolean tellsExits() {
    return quiet.length < 2;
  }

  FormatOptions format() {
    return new FormatOptions(stringLimit);
  }

  int resultColumn() {
    return resultColumn;
  }

  boolean isSummary() {
    return summary || summaryOnly;
  }

  boolean isSummaryOnly() {
    return summaryOnly && !summary;
  }

  boolean hasDurations() {
    return durations;
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

  /** Changes an environment as {@code -E} says. */
  void changeEnvironment(Map<String, String> variables) {
    for (String change : environment) {
      int equals = change.indexOf('=');
      if (equals < 0) {
        variables.remove(change);
      } else {
        variables.put(change.substring(0, equals), change.substring(equals + 1));
      }
    }
  }
}
