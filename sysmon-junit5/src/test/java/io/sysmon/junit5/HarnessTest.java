package io.sysmon.junit5;

import static io.sysmon.fault.CallCondition.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

/** Commands, the record of what they did, and assertions on it. */
class HarnessTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;

  private TracedCommand shell(Harness harness, String script) {
    return harness.command("sh", "-c", script).directory(directory);
  }

  private static String failure(Runnable assertion) {
    return assertThrows(AssertionFailedError.class, assertion::run).getMessage();
  }

  @Test
  void aRunTellsWhatTheProgramSaidAndHowItEnded(@Traced Harness harness) throws Exception {
    Run run = shell(harness, "cat; echo $X >&2; exit 3").input("hello").environment("X", "y").run();
    assertEquals("hello", run.stdout());
    assertEquals("y\n", run.stderr());
    run.check().exitsWith(3).says("hello").says("y");
    String message = failure(() -> run.check().exitsWith(0));
    assertTrue(message.startsWith("The program exited with 3, and not with 0"), message);
    assertTrue(message.contains("Its standard error:\ny\n"), message);
  }

  @Test
  void filesAreOpenedAndWritten(@Traced Harness harness) throws Exception {
    Files.writeString(directory.resolve("in.txt"), "text");
    Run run =
        shell(harness, "read x < in.txt; printf $x > out.txt; echo more >> out.txt; cat no.txt")
            .run();
    run.check().opens("in.txt", directory + "/*.txt").writes("out.txt", "textmore\n");
    assertEquals("textmore\n", run.written("out.txt"));
    assertFalse(run.opened().contains(directory.resolve("no.txt").toString()));
    String message = failure(() -> run.check().opens("no.txt"));
    assertTrue(message.contains("no.txt\", O_RDONLY) = -1 ENOENT"), message);
    assertFalse(message.contains("mmap("), message);
    message = failure(() -> run.check().writes("out.txt", "less"));
    assertTrue(message.contains("write(1, \"more\\n\", 5) = 5"), message);
  }

  @Test
  void aFailureShowsTwentyLines(@Traced Harness harness) throws Exception {
    String opens =
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do : >f$i; done";
    Run run = shell(harness, opens).run();
    String message = failure(() -> run.check().opens("f23"));
    assertTrue(message.contains("(the last 20 of "), message);
    assertEquals(22, message.lines().count());
  }

  @Test
  void programsAreExecutedWithArgumentsAndEnvironment(@Traced Harness harness) throws Exception {
    Run run = shell(harness, "A=b /bin/echo one two-3; exec /bin/true").run();
    run.check()
        .executes("echo", "one", "two-*")
        .executesWithEnvironment("echo", "A=b")
        .executes("true")
        .executes("echo");
    assertEquals(3, run.executed().size());
    String message = failure(() -> run.check().executes("echo", "one"));
    assertTrue(
        message.contains("execve(\"/bin/echo\", [\"/bin/echo\", \"one\", \"two-3\"]"), message);
    failure(() -> run.check().executesWithEnvironment("true", "A=b"));
  }

  @Test
  void nothingOutsideIsTouchedUnlessItIs(@Traced Harness harness) throws Exception {
    Path inside = Files.createDirectory(directory.resolve("inside"));
    Run good =
        shell(harness, "cd inside; echo 1 > a; mv a b; rm b; cat /etc/hostname >/dev/null").run();
    good.check().touchesNothingOutside(inside);
    Run bad = shell(harness, "cd inside; echo 1 > ../insideout").run();
    String message = failure(() -> bad.check().touchesNothingOutside(inside));
    assertTrue(message.contains("openat(AT_FDCWD, \"../insideout\", O_WRONLY|O_CREAT"), message);
    assertEquals(3, message.lines().count(), message);
  }

  @Test
  void aCallWhoseProcessWasKilledInsideMayHaveTouched(@Traced Harness harness) throws Exception {
    // Whether the recorder still sees the result is a race.
    for (int i = 0; i < 10; i++) {
      String make = "mkdir inside" + i;
      Run run = shell(harness, make).fault("mkdir,mkdirat:kill_exit=process").run();
      assertTrue(Files.exists(directory.resolve("inside" + i)));
      String message = failure(() -> run.check().touchesNothingOutside(Path.of("/no")));
      assertTrue(message.contains("inside" + i + "\", 0777"), message);
    }
  }

  @Test
  void whatAssertsNothingIsRefused(@Traced Harness harness) throws Exception {
    RunAssert check = shell(harness, "true").run().check();
    assertThrows(IllegalArgumentException.class, check::opens);
    assertThrows(IllegalArgumentException.class, check::callsInOrder);
    assertThrows(IllegalStateException.class, check::meetsAllFaults);
  }

  @Test
  void callsAreMadeInOrder(@Traced Harness harness) throws Exception {
    Run run = shell(harness, "echo 1 > a; mv a b; rm b").run();
    run.check()
        .callsInOrder("openat(*\"a\"*O_CREAT*", "write(1, \"1\\n\", 2) = 2", "unlink*\"b\"*");
    String message = failure(() -> run.check().callsInOrder("rename*", "openat(*\"a\"*O_CREAT*"));
    assertTrue(message.startsWith("No call openat(*\"a\"*O_CREAT* was made after"), message);
    assertTrue(message.lines().skip(2).allMatch(line -> line.contains("openat(")), message);
  }

  @Test
  void faultsThatWereNotMetAreTold(@Traced Harness harness) throws Exception {
    Run run =
        shell(harness, "echo 1").fault("write:error=EIO:when=2", "write:error=EIO:when=9").run();
    String message = failure(() -> run.check().meetsAllFaults());
    assertTrue(message.startsWith("No call was chosen by [write:error=EIO:when="), message);
  }

  @Test
  void aProgramIsStoppedAtCallsInTurn(@Traced Harness harness) throws Exception {
    RunningCommand running =
        shell(harness, "echo 1 > a; echo 2 > b; rm a").startTo("openat", path("a"));
    assertFalse(Files.exists(directory.resolve("a")));
    running.stopAt("openat", path("b"));
    assertEquals("1\n", Files.readString(directory.resolve("a")));
    running.stopAt("unlink,unlinkat").fail(Errno.EBUSY);
    running.await().check().says("Device or resource busy").exitsWith(1);
    assertTrue(Files.exists(directory.resolve("a")));
  }

  @Test
  void theLaunchIsNotStoppedAtButTheFirstExecveOfTheProgramIs(@Traced Harness harness)
      throws Exception {
    RunningCommand running =
        shell(harness, "echo x > f; exec sleep 0").limit(LIMIT).startTo("execve");
    assertEquals("x\n", Files.readString(directory.resolve("f")));
    String program = running.stop().call().string(0).orElseThrow();
    assertTrue(program.endsWith("/sleep"), program);
    running.await().check().exitsWith(0);
  }

  @Test
  void aProgramThatEndsBeforeTheCallIsNotWaitedForAnyLonger(@Traced Harness harness) {
    TracedCommand command = shell(harness, "exit 3").limit(LIMIT);
    String message =
        assertTimeout(
            LIMIT.dividedBy(2), () -> failure(() -> assertStarts(command, "rename,renameat2")));
    assertTrue(
        message.startsWith(
            "The program exited with 3 before it came to the point at rename,renameat2"),
        message);
    assertTrue(message.contains("exit_group(3 <unfinished ...>"), message);
  }

  private static void assertStarts(TracedCommand command, String calls) {
    try {
      command.startTo(calls);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCallOfAProcessThatOutlivesTheProgramIsReached(@Traced Harness harness) throws Exception {
    RunningCommand running =
        shell(harness, "(while kill -0 $$; do :; done; : > late) 2>/dev/null & exit 0")
            .limit(LIMIT)
            .startTo("openat", path("late"));
    assertEquals(0, running.process().waitFor());
    running.await().check().opens("late").exitsWith(0);
  }

  @Test
  void aProgramThatIsKilledOrSaysNothingIsToldSo(@Traced Harness harness) throws Exception {
    Run run = shell(harness, "kill -9 $$").run();
    String message = failure(() -> run.check().exitsWith(0));
    assertTrue(
        message.startsWith("The program was killed by SIGKILL, and did not exit with 0"), message);
    message = failure(() -> run.check().says("bye"));
    assertTrue(
        message.startsWith(
            "The program did not say \"bye\"; it wrote nothing to its standard streams"),
        message);
  }

  @Test
  void aProgramThatWentOnWithoutAnAnswerFailsTheTest(@Traced Harness harness) throws Exception {
    RunningCommand running =
        shell(harness, ": > a").limit(Duration.ofSeconds(2)).startTo("openat", path("a"));
    assertFalse(running.stop().answered().join());
    String message = assertThrows(AssertionFailedError.class, running::await).getMessage();
    running.process().waitFor();
    assertEquals(
        "The program has waited at the point at openat:path=a as long as its limit, PT2S, and went"
            + " on without an answer",
        message);
  }

  @Test
  void aProgramThatIsKilledWhereItStoppedHasARecord(@Traced Harness harness) throws Exception {
    RunningCommand running = shell(harness, "echo 1 > a; echo 2 > b").startTo("openat", path("b"));
    running.kill();
    Run run = running.await();
    run.check().exitsWith(137).callsInOrder("openat(*\"b\"* <unfinished ...>");
  }

  @Test
  void surroundingsMakeRunsAlike(@Traced Harness harness) throws Exception {
    String script =
        "import os,time,datetime,random\n"
            + "print(time.time(), datetime.datetime.now(), time.monotonic(), id(object()),"
            + " os.urandom(4), random.random(), hash('a'), sorted(os.environ))";
    Surroundings same = Surroundings.fixed().time(Instant.parse("2001-09-09T01:46:40Z")).random(7);
    List<String> runs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      runs.add(harness.command("/usr/bin/python3", "-c", script).in(same).run().stdout());
    }
    assertEquals(runs.get(0), runs.get(1));
    assertTrue(
        runs.get(0).startsWith("1000000000.0 2001-09-09 01:46:40 1000000000.0"), runs.get(0));
  }

  @Test
  void outputIsFreeOfProcessNumbers(@Traced Harness harness) throws Exception {
    Run run = shell(harness, "echo $$ 0; sh -c 'echo $$'").run();
    assertEquals("PID 0\nPID\n", run.stdoutWithoutPids());
  }
}
