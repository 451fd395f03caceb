package io.sysmon.examples.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AskBeforeExecTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String SH = "/bin/sh";

  @TempDir private Path directory;
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private Path first;

  /** Programs whose paths do not depend on where the system keeps them. */
  @BeforeEach
  void writePrograms() throws IOException {
    first = script("first", "echo first $1");
    script("second", "echo second");
  }

  private Path script(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + text + "\n");
    assertTrue(file.toFile().setExecutable(true));
    return file;
  }

  @Test
  void programsOnTheListRunUnasked() {
    Run run = traced(List.of(SH, first.toString()), LONG, path -> false, first + " 1; echo end");
    assertEquals(new Run(0, "first 1\nend\n", ""), run);
    assertEquals(List.of(), asked);
  }

  @Test
  void theOthersRunAfterAYes() {
    Run run = traced(List.of(SH), LONG, path -> true, "./first 1; ./second; echo end");
    assertEquals(new Run(0, "first 1\nsecond\nend\n", ""), run);
    assertEquals(List.of("./first", "./second"), asked);
  }

  @Test
  void afterANoExecveFailsAndTheProgramGoesOn() {
    Run run =
        traced(
            List.of(SH), LONG, path -> path.endsWith("first"), "./first 1; ./second; echo end $?");
    assertEquals("first 1\nend 126\n", run.out());
    assertTrue(run.err().contains("./second: Operation not permitted"), run.err());
    assertEquals(0, run.status());
  }

  @Test
  void noAnswerInTimeIsANo() {
    CountDownLatch over = new CountDownLatch(1);
    Run run =
        traced(List.of(SH), Duration.ofMillis(200), path -> await(over), "./second; echo end $?");
    over.countDown();
    assertEquals("end 126\n", run.out());
  }

  @Test
  void aQuestionThatFailsIsANo() {
    Run run =
        traced(
            List.of(SH),
            Duration.ofMillis(200),
            path -> {
              throw new IllegalStateException("no idea");
            },
            "./second; echo end $?");
    assertEquals("end 126\n", run.out());
  }

  @Test
  void othersGoOnWhileAProgramWaitsForItsAnswer() {
    CountDownLatch here = new CountDownLatch(1);
    Path sign = directory.resolve("sign");
    Run run =
        traced(
            List.of(SH),
            LONG,
            path -> {
              while (!Files.exists(sign)) {
                Thread.onSpinWait();
              }
              here.countDown();
              return true;
            },
            "./second & : > sign; wait; echo end");
    assertEquals(0, here.getCount());
    assertEquals("second\nend\n", run.out());
  }

  @Test
  void aCommandThatIsDeniedItselfCannotBeLaunched() {
    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class, () -> traced(List.of(), LONG, path -> false, "echo never"));
    assertTrue(
        e.getCause().getMessage().contains("error=1, Operation not permitted"),
        e.getCause().getMessage());
  }

  @Test
  void runsAsACommandThatAsksOnTheTerminal() {
    // script(1) gives a terminal; what is typed there is the answer.
    String java = String.join(" ", Run.mainCommand(AskBeforeExec.class, "-a", SH, SH, "-c"));
    Run run =
        Run.plain(
            directory,
            List.of(
                SH, "-c", "printf 'y\\nn\\n' | script -qc \"" + java + " './first 1; ./second'\""));
    assertTrue(run.out().contains("execute ./first? [y/N]"), run.out());
    assertTrue(run.out().contains("first 1\r\n"), run.out());
    assertTrue(run.out().contains("./second: Operation not permitted"), run.out());
  }

  @Test
  void withoutATerminalTheAnswerIsNo() {
    List<String> java = Run.mainCommand(AskBeforeExec.class, "-a", SH, SH, "-c", "./second");
    List<String> command = new ArrayList<>(List.of("setsid", "-w"));
    command.addAll(java);
    Run run = Run.plain(directory, command);
    assertEquals(126, run.status());
    assertEquals("", run.out());
  }

  private Run traced(List<String> allowed, Duration timeout, Predicate<String> yes, String script) {
    Predicate<String> question =
        path -> {
          asked.add(path);
          return yes.test(path);
        };
    return Run.traced(
        directory, List.of(SH, "-c", script), new AskBeforeExec(allowed, timeout, question));
  }

  private static boolean await(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
