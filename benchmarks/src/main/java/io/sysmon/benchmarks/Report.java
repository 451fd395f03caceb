package io.sysmon.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What was measured, told as it comes and written down at the end. */
final class Report {
  private final PrintStream out;
  private final Map<String, String> machine;
  private final StringBuilder sections = new StringBuilder();
  private final List<Bar> bars = new ArrayList<>();

  Report(PrintStream out, Map<String, String> machine) {
    this.out = out;
    this.machine = machine;
  }

  void add(Result result) {
    section(result.text());
  }

  void note(String text) {
    section(text + "\n");
  }

  private void section(String text) {
    sections.append(text).append('\n');
    out.println(text);
  }

  void bars(List<Bar> more) {
    bars.addAll(more);
  }

  /** The bars, in Markdown. */
  String barTable() {
    StringBuilder text = new StringBuilder();
    text.append("| | at most | measured | |\n|---|---:|---:|---|\n");
    for (Bar bar : bars) {
      text.append("| ").append(bar.text());
      text.append(" | ").append(Result.number(bar.limit()));
      text.append(" | ").append(Result.number(bar.value()));
      text.append(bar.isReached() ? " | reached |\n" : " | **not reached** |\n");
    }
    return text.toString();
  }

  List<Bar> regressions() {
    return bars.stream().filter(Bar::isRegression).toList();
  }

  void write(Path file, int rounds) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("# What tracing costs\n\n");
    text.append("Written by `benchmarks/run`, which measures the same on your machine.\n\n");
    text.append("| | |\n|---|---|\n");
    machine.forEach((what, fact) -> text.append("| " + what + " | " + fact + " |\n"));
    text.append("\n## Method\n\n");
    text.append(METHOD.formatted(rounds)).append('\n');
    text.append("## Goals\n\nRatios, each the median of the rounds' ratios.\n\n");
    text.append(barTable()).append("\n## Measurements\n\n").append(sections.toString().strip());
    Files.writeString(file, text.append('\n'));
  }

  private static final String METHOD =
      """
      In each of %d rounds every contestant of a table runs once, one after the other; a round before them
      does not count. The tables have the median, the least and the greatest of the rounds, and as the ratio
      the median of the ratios within each round: absolute times drift with the machine, ratios hardly do.

      - *a call*: a C program makes one system call over and over and takes the time itself, with a clock that
        is no system call. As many calls as take a few tenths of a second.
      - *C loop*: `floor.c`, a tracer that stops at each entry and exit and does nothing: `wait4` and
        `PTRACE_SYSCALL`. It is what the kernel takes, the floor for any tracer; with `-i` it also asks which
        call it is (`PTRACE_GET_SYSCALL_INFO`), which a tracer that is of any use has to.
      - *one CPU*: tracer and tracee were bound to one CPU from outside. A stop is a hand-over between two
        tasks, and from one CPU to another it takes several times as long.
      - *SysMon*: in this JVM, with default settings if nothing else is said.
      """;
}
