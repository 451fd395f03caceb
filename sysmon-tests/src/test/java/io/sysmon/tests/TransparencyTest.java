package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Observer;
import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A program that is looked at from all sides finds nothing of that in itself, nor in what the
 * kernel does for it. What programs do together is compared by every test that uses {@link Alike}.
 * {@code docs/transparency.md} has what differs.
 */
class TransparencyTest {
  private static void sameInTheMirror(String what, UnaryOperator<ProcessBuilder> with) {
    ProcessBuilder command = with.apply(Alike.guest("mirror", what));
    // Once it has been asked for, ProcessBuilder has it in the order of a map.
    command.environment();
    Outcome bare = Outcome.bare(command);
    Observer observer = new Observer();
    Outcome traced = Outcome.traced(command, observer);
    assertEquals("", traced.stderr());
    assertIterableEquals(bare.stdout().lines().toList(), traced.stdout().lines().toList());
    assertTrue(observer.characters() > 10_000);
    assertEquals(0, observer.deaths());
  }

  @Test
  void aProgramFindsItselfAsItWouldUntraced() {
    sameInTheMirror("all", command -> command);
  }

  @Test
  void soDoItsThreadsChildrenProgramsAndOrphans() {
    sameInTheMirror("relatives", command -> command);
  }

  @Test
  void itsDirectoryAndEnvironmentAreTheBuildersOwn(@TempDir Path directory) {
    sameInTheMirror(
        "all",
        command -> {
          command.environment().clear();
          command.environment().put("ONLY", "variable");
          return command.directory(directory.toFile());
        });
  }

  @Test
  void itsStreamsAreFilesAsTheJdkOpensThem(@TempDir Path directory) throws IOException {
    Path input = Files.writeString(directory.resolve("input"), "content");
    List<List<String>> seen = new ArrayList<>();
    for (boolean traced : List.of(false, true)) {
      Path output = Files.writeString(directory.resolve("output" + traced), "before\n");
      ProcessBuilder command =
          Alike.guest("mirror", "all")
              .redirectInput(input.toFile())
              .redirectOutput(Redirect.appendTo(output.toFile()))
              .redirectError(directory.resolve("error" + traced).toFile());
      command.environment();
      Outcome outcome = traced ? Outcome.traced(command, new Observer()) : Outcome.bare(command);
      assertEquals(new Outcome("", "", 0), outcome);
      seen.add(Files.readAllLines(output));
    }
    assertTrue(seen.get(0).size() > 100);
    assertIterableEquals(seen.get(0), seen.get(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"death-of-the-parent", "robust-mutex", "orphaned-group", "own-steps"})
  void whatTiesTasksToOneAnotherHolds(String tie) {
    Outcome outcome = Alike.run(Alike.guest("kernel_ties", tie));
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitValue());
  }

  /** Without stops at calls the tracer might come second, see docs/transparency.md. */
  @Test
  void whoIsToldOfAnEndByAPidfdCanWaitForIt() {
    ProcessBuilder guest = Alike.guest("kernel_ties", "pidfd");
    Outcome noneMissing = new Outcome("0 missing\n", "", 0);
    assertEquals(noneMissing, Outcome.bare(guest));
    assertEquals(noneMissing, Outcome.traced(guest, new Observer()));
  }

  /** As under every tracer; docs/transparency.md. */
  @Test
  void whatItCannotDoIsToTrace() {
    ProcessBuilder guest = Alike.guest("kernel_ties", "trace");
    assertEquals(
        """
        PTRACE_SEIZE = -1 Operation not permitted
        child killed by 9
        PTRACE_TRACEME = -1 Operation not permitted
        """,
        Outcome.traced(guest, new Observer()).stdout());
  }

  /** What a child JVM traces. */
  static final class Observed {
    private Observed() {}

    public static void main(String[] command) {
      Outcome outcome = Outcome.traced(new ProcessBuilder(command), new Observer());
      System.out.print(outcome.stdout());
      System.err.print(outcome.stderr());
      System.exit(outcome.exitValue());
    }
  }

  @Test
  void aProgramThatIsNotDumpableIsTracedByOneWhoMayNotReadIt() {
    ProcessBuilder guest = Alike.guest("undumpable");
    ProcessBuilder tracer = ChildJvm.of(Observed.class, guest.command().toArray(String[]::new));
    boolean isRoot = Outcome.bare(new ProcessBuilder("id", "-u")).stdout().equals("0\n");
    if (isRoot) {
      List<String> withoutCapability =
          new ArrayList<>(
              List.of("setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace"));
      withoutCapability.addAll(tracer.command());
      tracer.command(withoutCapability);
    }
    assertEquals(Outcome.bare(guest), Outcome.bare(tracer));
  }
}
