package io.sysmon.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code sysmon strace}, with strace(1)'s names and meanings. */
final class StraceOptions {
  private static final int SEPARATE_FILES = 2;

  /** What -q, -qq and -qqq stand for. */
  private static final List<String> QUIET =
      List.of("attach,personality", "attach,personality,exit", "all");

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

  /** The {@code -e} options in their order, also those that have names of their own. */
  private final List<String> expressions = new ArrayList<>();

  @Option(
      names = {"-P", "--trace-path"},
      paramLabel = "PATH",
      description = "Show only calls that access PATH, by its name or a descriptor. Repeatable.")
  private List<String> paths = List.of();

  @Option(
      names = {"-z", "--successful-only"},
      description = "Show only calls that succeed.")
  private boolean successfulOnly;

  @Option(
      names = {"-Z", "--failed-only"},
      description = "Show only calls that fail.")
  private boolean failedOnly;

  @Option(
      names = "-q",
      description =
          "-q: no messages about attached and detached tasks; -qq: none about their exits either;"
              + " -qqq: none at all.")
  private boolean[] quiet = {};

  @Mixin private LineOptions lines = new LineOptions();

  @Mixin private SummaryOptions summary = new SummaryOptions();

  @Option(names = "--json", description = "Print JSON objects instead, one a line: docs/json.md.")
  private boolean json;

  @Option(
      names = "--perfetto",
      paramLabel = "FILE",
      description =
          "Also write a timeline to FILE, for ui.perfetto.dev or chrome://tracing: a track a task,"
              + " a slice a call.")
  private @Nullable String timeline;

  @Option(
      names = {"-E", "--env"},
      paramLabel = "VAR[=VAL]",
      description = "Set VAR in the command's environment, or remove it.")
  private List<String> environment = List.of();

  @Option(
      names = {"-p", "--attach"},
      paramLabel = "PID",
      description =
          "Trace the running process PID until it ends or Ctrl-C detaches it. Repeatable; PID may be"
              + " several, with commas or blanks between. Without -f: only its first thread.")
  private List<String> attach = List.of();

  @Option(
      names = "-e",
      paramLabel = "EXPR",
      description =
          "[trace=][!]WHAT[,WHAT]...: show only these calls, each a name, ?NAME, %%class, /regex,"
              + " or all or none. Also signal=, status= and quiet=, as the options of these names."
              + " Of each kind the last one counts. Besides, each inject=SET:WHAT[:WHAT]... and"
              + " fault=SET[:error=ERRNO][:when=EXPR] changes what calls do; docs/testing.md lists"
              + " what they take.")
  void express(String expression) {
    expressions.add(expression);
  }

  @Option(
      names = "--trace",
      paramLabel = "SET",
      description = "Show only these calls, as -e trace=.")
  void trace(String set) {
    expressions.add("trace=" + set);
  }

  @Option(
      names = "--signal",
      paramLabel = "SET",
      description = "Show only these signals: [!]NAME[,NAME]..., all or none.")
  void signal(String set) {
    expressions.add("signal=" + set);
  }

  @Option(
      names = "--status",
      paramLabel = "SET",
      description =
          "Show only calls that end so: [!]STATUS[,STATUS]... of successful, failed, unfinished,"
              + " unavailable and detached. Lines are printed when calls end, and whole.")
  void status(String set) {
    expressions.add("status=" + set);
  }

  @Option(
      names = "--quiet",
      paramLabel = "SET",
      description =
          "No messages of these kinds: attach, exit, path-resolution, personality, thread-execve,"
              + " or all.")
  void quiet(String set) {
    expressions.add("quiet=" + set);
  }

  /**
   * Checks what the parser cannot.
   *
   * @throws UserException what is wrong
   */
  void check() {
    lines.check();
    summary.check();
    if (summary.isWanted() && separateFiles()) {
      throw new UsageException(
          "(-c/--summary-only or -C/--summary) and -ff/--output-separately are mutually exclusive");
    }
    if (json && summary.isWanted()) {
      throw new UsageException(
          "--json and (-c/--summary-only or -C/--summary) are mutually exclusive");
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

  /**
   * What is shown, and what is told.
   *
   * @throws UserException when an expression makes no sense
   */
  Qualifiers qualifiers() {
    List<String> all = new ArrayList<>(expressions);
    if (successfulOnly || failedOnly) {
      all.add("status=" + (failedOnly ? "failed" : "successful"));
    }
    if (quiet.length > 0) {
      if (all.stream().anyMatch(Qualifiers::isQuiet)) {
        throw new UserException("-q and -e quiet/--quiet cannot be provided simultaneously");
      }
      all.add("quiet=" + QUIET.get(Math.min(quiet.length, QUIET.size()) - 1));
    }
    return new Qualifiers(all);
  }

  /** How calls are printed. */
  LineOptions lines() {
    return lines;
  }

  SummaryOptions summary() {
    return summary;
  }

  boolean isJson() {
    return json;
  }

  /** The file of the timeline. */
  @Nullable String timeline() {
    return timeline;
  }

  PathFilter paths() {
    return new PathFilter(paths);
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
