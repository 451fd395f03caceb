package io.sysmon.benchmarks;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine;

/** Runs the benchmarks that were asked for. */
public final class Main {
  private static final List<Benchmark> ALL =
      List.of(
          new HotLoop(),
          new FilteredLoop(),
          new FaultRules(),
          new WholePrograms(),
          new IdleTracees(),
          new WholeSystem(),
          new Arguments(),
          new LaunchLatency(),
          new Footprint());

  private Main() {}

  /**
   * Measures, and exits with 1 when {@code --quick} has found a regression.
   *
   * @param arguments the options
   * @throws Exception when something could not be measured
   */
  public static void main(String[] arguments) throws Exception {
    Options options = new Options();
    CommandLine.ParseResult parsed;
    CommandLine line = new CommandLine(options);
    try {
      parsed = line.parseArgs(arguments);
      check(line, options);
    } catch (CommandLine.ParameterException e) {
      System.err.println(e.getMessage());
      e.getCommandLine().usage(System.err);
      System.exit(2);
      return;
    }
    if (!CommandLine.printHelpIfRequested(parsed)) {
      System.exit(run(options));
    }
  }

  private static void check(CommandLine line, Options options) {
    TreeSet<String> known =
        ALL.stream().map(Benchmark::name).collect(Collectors.toCollection(TreeSet::new));
    for (String name : options.only()) {
      if (!known.contains(name)) {
        throw new CommandLine.ParameterException(line, "No benchmark '" + name + "' of " + known);
      }
    }
  }

  private static int run(Options options) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Tools tools = new Tools(options.root().toRealPath());
    Report report = new Report(out, Machine.facts(tools));
    Session session = new Session(options, tools, report);
    for (Benchmark benchmark : ALL) {
      if (options.wants(benchmark)) {
        benchmark.run(session);
      }
    }
    out.println(report.barTable());
    if (options.isComplete()) {
      report.write(options.root().resolve("benchmarks/RESULTS.md"), options.rounds());
    }
    List<Bar> regressions = options.isQuick() ? report.regressions() : List.of();
    for (Bar bar : regressions) {
      out.println(
          "REGRESSION: "
              + bar.text()
              + ": "
              + Result.number(bar.value())
              + ", and more than "
              + Result.number(bar.quickLimit())
              + " is no chance");
    }
    return regressions.isEmpty() ? 0 : 1;
  }
}
