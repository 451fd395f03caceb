package io.sysmon.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the user asks for. */
@Command(
    name = "benchmarks/run",
    mixinStandardHelpOptions = true,
    description =
        "Measures SysMon beside strace and a C loop. A complete run writes benchmarks/RESULTS.md.",
    footer = "benchmarks/run --jmh [JMH's options] measures with JMH what needs no kernel.")
final class Options {
  private static final int ROUNDS = 5;
  private static final int QUICK_ROUNDS = 3;

  @Option(names = "--root", required = true, hidden = true, description = "The source tree.")
  private Path root = Path.of("");

  @Option(
      names = "--quick",
      description =
          "The main ratios in less than a minute; exit status 1 when one is far worse than it was.")
  private boolean quick;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How many samples of each contestant (default: 5; with --quick 3).")
  private int rounds;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      description = "Only this benchmark, without writing the file; may be given again.")
  private List<String> only = new ArrayList<>();

  Path root() {
    return root;
  }

  boolean isQuick() {
    return quick;
  }

  int rounds() {
    return rounds > 0 ? rounds : quick ? QUICK_ROUNDS : ROUNDS;
  }

  boolean wants(Benchmark benchmark) {
    return only.isEmpty() || only.contains(benchmark.name());
  }

  List<String> only() {
    return only;
  }

  /** Whether the results are what RESULTS.md promises. */
  boolean isComplete() {
    return !quick && only.isEmpty();
  }
}
