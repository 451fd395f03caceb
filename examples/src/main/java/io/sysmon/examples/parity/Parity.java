package io.sysmon.examples.parity;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares {@code sysmon strace} with strace(1). */
@Command(
    name = "parity",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Traces COMMAND with strace and with sysmon strace, one after the other, and tells how many lines are identical"
            + " and which are not: - is strace's, + is SysMon's. Without a COMMAND: the commands of"
            + " docs/parity.md.")
public final class Parity implements Callable<Integer> {
  @Option(
      names = "--options",
      paramLabel = "OPTIONS",
      description = "What both tracers are given, with blanks between (-f).")
  private String options = "-f";

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      description = "Of the commands of docs/parity.md, only those whose name has this in it.")
  private String only = "";

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "How many lines to show of each kind of difference (3).")
  private int examples = 3;

  @Option(
      names = "--least",
      paramLabel = "PERCENT",
      description = "Exit with 1 when the share over all is smaller.")
  private double least;

  @Option(
      names = "--twice",
      description = "Also compare strace with a second run of strace: what chance alone changes.")
  private boolean twice;

  @Option(names = "--markdown", description = "Print the shares as the table of docs/parity.md.")
  private boolean markdown;

  @Option(names = "--sysmon", required = true, hidden = true)
  private String sysmon = "";

  @Parameters(paramLabel = "COMMAND", description = "The command and its arguments.")
  private List<String> command = List.of();

  /**
   * Compares and exits: with 0, with 1 when too few lines are identical, or with 2 when something
   * could not be traced.
   *
   * @param arguments the options and the command
   */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Parity())
            .setStopAtPositional(true)
            .setExecutionExceptionHandler(Parity::failed)
            .execute(arguments));
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof IOException) {
      command.getErr().println("parity: " + e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    throw e;
  }

  @Override
  public Integer call() throws IOException {
    Path directory = Files.createTempDirectory("parity");
    HttpServer server = HttpServer.create(new InetSocketAddress(loopback(), 0), 0);
    try {
      server.createContext("/", Parity::answer);
      server.start();
      Workplace workplace = new Workplace(directory);
      Report report = new Report(System.out, examples, twice);
      for (Workload workload : workloads(workplace, server.getAddress().getPort())) {
        compare(workload, workplace, report);
      }
      report.end(markdown);
      if (report.share() >= least) {
        return 0;
      }
      report.worst();
      return 1;
    } finally {
      server.stop(0);
      new ProcessBuilder("rm", "-rf", directory.toString()).inheritIO().start();
    }
  }

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  }

  private static void answer(HttpExchange exchange) throws IOException {
    byte[] content = "A page.\n".repeat(100).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, content.length);
    exchange.getResponseBody().write(content);
    exchange.close();
  }

  private List<Workload> workloads(Workplace workplace, int port) throws IOException {
    if (!command.isEmpty()) {
      return List.of(new Workload(String.join(" ", command), command));
    }
    workplace.prepare();
    List<Workload> chosen = new ArrayList<>();
    for (Workload workload : Workload.all(port)) {
      if (workload.name().contains(only)) {
        if (workplace.has(workload.command().get(0))) {
          chosen.add(workload);
        } else {
          System.err.println("parity: left out, not installed: " + workload.name());
        }
      }
    }
    return chosen;
  }

  private void compare(Workload workload, Workplace workplace, Report report) throws IOException {
    List<String> words = List.of(options.trim().split(" +"));
    Trace expected = trace(workplace, List.of("strace"), words, workload);
    Trace actual = trace(workplace, List.of(sysmon, "strace"), words, workload);
    @Nullable Comparison chance =
        twice
            ? Comparison.of(expected, trace(workplace, List.of("strace"), words, workload))
            : null;
    report.add(workload.name(), Comparison.of(expected, actual), chance);
  }

  private static Trace trace(
      Workplace workplace, List<String> tracer, List<String> options, Workload workload)
      throws IOException {
    List<String> words = new ArrayList<>(tracer);
    words.addAll(options);
    return Trace.of(workplace.trace(words, workload.command()));
  }
}
