package io.sysmon.benchmarks;

import io.sysmon.examples.SysmonCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line beside strace(1), on programs that people trace. */
final class WholePrograms implements Benchmark {
  private static final String UNTRACED = "untraced";
  private static final String STRACE = "strace";
  private static final String WARM = "sysmon, warm";
  private static final String COLD = "sysmon, cold";

  @Override
  public String name() {
    return "programs";
  }

  @Override
  public void run(Session session) throws Exception {
    session.note(
        """
        The next tables: the whole of a program, from its start to its end. `strace -f -o FILE` beside
        `./sysmon strace -f -o FILE`: *cold* as a user runs it, with the start of a JVM; *warm* the same
        command line inside this JVM, from the building of the tracer to the closing of the file.
        """);
    List<Program> programs = new Programs(session.tools()).all();
    if (session.isQuick()) {
      programs = programs.stream().filter(program -> program.name().equals("gcc")).toList();
    }
    List<Bar> included = new ArrayList<>();
    for (Program program : programs) {
      compare(session, program, included);
    }
    session.bars(included);
  }

  private static void compare(Session session, Program program, List<Bar> included)
      throws Exception {
    Tools tools = session.tools();
    Path ours = tools.work("sysmon.trace");
    Path theirs = tools.work("strace.trace");
    Contest contest =
        new Contest(
                program.name(),
                "`" + program.command().replace(tools.work("") + "/", "") + "`",
                Unit.NANOS,
                STRACE)
            .add(UNTRACED, () -> Commands.nanos(program.words()))
            .add(WARM, () -> warm(ours, program))
            .add(COLD, () -> cold(tools, ours, program));
    if (tools.hasStrace()) {
      contest.add(
          STRACE,
          () -> Commands.nanos(Commands.words(tools.strace(theirs), program.words().toArray())));
    }
    Result result = session.hold(contest);
    if (result.has(STRACE)) {
      session.note(
          "Lines in the traces: %,d of sysmon's, %,d of strace's.\n"
              .formatted(lines(ours), lines(theirs)));
      session.bar(
          new Bar(
              "`" + program.name() + "`, sysmon to strace, without the JVM's start",
              result.ratio(WARM, STRACE),
              1,
              3));
      included.add(
          new Bar(
              "`" + program.name() + "`, sysmon to strace, with the JVM's start",
              result.ratio(COLD, STRACE),
              1,
              Double.POSITIVE_INFINITY));
    }
  }

  private static double warm(Path trace, Program program) throws IOException {
    String[] words =
        Commands.words(List.of("strace", "-f", "-o", trace.toString()), program.words().toArray())
            .toArray(String[]::new);
    long begin = System.nanoTime();
    int status = SysmonCommand.commandLine().execute(words);
    double taken = System.nanoTime() - begin;
    if (status != 0) {
      throw new IOException(String.join(" ", words) + " ended with status " + status);
    }
    return taken;
  }

  private static double cold(Tools tools, Path trace, Program program) throws Exception {
    return Commands.nanos(
        Commands.words(
            List.of(tools.sysmon(), "strace", "-f", "-o", trace.toString()),
            program.words().toArray()));
  }

  private static long lines(Path trace) throws IOException {
    try (var lines = Files.lines(trace, java.nio.charset.StandardCharsets.ISO_8859_1)) {
      return lines.count();
    }
  }
}
