package io.sysmon.benchmarks;

import io.sysmon.examples.SysmonCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

  /** The compiler has then seen what prints the usual calls. */
  private static final int WARM_UPS = 5;

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
    for (int i = 0; i < WARM_UPS; i++) {
      for (Program program : programs) {
        warm(session.tools().work("sysmon.trace"), program);
      }
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
                program.name(), "`" + tools.shortened(program.command()) + "`", Unit.NANOS, STRACE)
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
          "Calls, signals and ends in the last traces: %,d in sysmon's, %,d in strace's.\n"
              .formatted(events(ours), events(theirs)));
      session.bar(
          new Bar(
              "`" + program.name() + "`, sysmon to strace, without the JVM's start",
              result.ratio(WARM, STRACE),
              1,
              6));
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
    int status = SysmonCommand.commandLine(words).execute(words);
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

  /** How many there are, however many of them were interrupted by others' lines. */
  private static long events(Path trace) throws IOException {
    try (var lines = Files.lines(trace, StandardCharsets.ISO_8859_1)) {
      return lines.filter(line -> !line.contains(" resumed>")).count();
    }
  }
}
