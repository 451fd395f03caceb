package io.sysmon.junit5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectUniqueId;

import io.sysmon.Errno;
import io.sysmon.Tracer;
import io.sysmon.fault.CallCondition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Sweeps and the extension as JUnit runs them: these tests run test classes. */
class SweepTest {
  /** What became of the tests of a class, a line each. */
  private static List<String> results(DiscoverySelector what, String... configuration) {
    List<String> results = Collections.synchronizedList(new ArrayList<>());
    LauncherDiscoveryRequestBuilder request =
        LauncherDiscoveryRequestBuilder.request().selectors(what);
    for (int i = 0; i < configuration.length; i += 2) {
      request.configurationParameter(configuration[i], configuration[i + 1]);
    }
    LauncherDiscoveryRequest built = request.build();
    LauncherFactory.create()
        .execute(
            built,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                  results.add(
                      test.getDisplayName()
                          + " "
                          + result.getStatus()
                          + result.getThrowable().map(e -> " " + e.getMessage()).orElse(""));
                }
              }
            });
    return results;
  }

  /** Appends three lines by the shell, of which the program does not look at the result. */
  static class Careless {
    @TempDir Path directory;

    @FaultSweep(calls = "write", errno = Errno.ENOSPC, path = "file")
    void allLinesAreThere(@Traced Harness harness) throws IOException, InterruptedException {
      Path file = directory.resolve("file");
      Run run =
          harness
              .subject(
                  "sh", "-c", "echo 1 > $0; echo 2 >> $0 || exit 1; echo 3 >> $0", file.toString())
              .run();
      if (run.exitValue() == 0) {
        assertEquals("1\n2\n3\n", Files.readString(file));
      }
    }

    @CrashSweep(moment = CrashSweep.Moment.BOTH)
    void aCrashLeavesABeginning(@Traced Harness harness) throws IOException, InterruptedException {
      Path file = directory.resolve("file");
      harness.subject("sh", "-c", "echo 1 > $0; echo 2 >> $0", file.toString()).run();
      String left = Files.exists(file) ? Files.readString(file) : "";
      harness.command("touch", file.toString()).run().check().exitsWith(0);
      assertTrue("1\n2\n".startsWith(left), left);
    }
  }

  @Test
  void eachCallIsTriedAndTheFailureIsNamed() throws Exception {
    List<String> results = results(selectClass(Careless.class));
    List<String> faults = results.stream().filter(line -> line.contains("ENOSPC")).toList();
    assertEquals(3, faults.size(), results::toString);
    assertTrue(faults.get(0).startsWith("[1/3] write(0x1, "), faults::toString);
    assertTrue(faults.get(0).contains(" fails with ENOSPC FAILED "), faults::toString);
    assertTrue(faults.get(0).endsWith("; alone: -Dsysmon.sweep=1"), faults::toString);
    assertTrue(faults.get(1).endsWith(" SUCCESSFUL"), faults::toString);
    assertTrue(faults.get(2).endsWith(" SUCCESSFUL"), faults::toString);
    // Of each line the file is opened to be made, and written.
    List<String> crashes = results.stream().filter(line -> line.contains("killed")).toList();
    assertEquals(8, crashes.size(), results::toString);
    assertTrue(crashes.stream().allMatch(line -> line.endsWith(" SUCCESSFUL")), crashes::toString);
    assertTrue(crashes.get(7).startsWith("[8/8] write("), crashes::toString);
    assertEquals(2, results.stream().filter("nothing happens SUCCESSFUL"::equals).count());
  }

  @Test
  void oneStepIsRunAloneByItsId() {
    String id =
        "[engine:junit-jupiter]/[class:"
            + Careless.class.getName()
            + "]/[test-template:allLinesAreThere(io.sysmon.junit5.Harness)]"
            + "/[test-template-invocation:#2]";
    List<String> results = results(selectUniqueId(id));
    assertEquals(1, results.size(), results::toString);
    assertTrue(
        results.get(0).startsWith("[1] call 1 fails with ENOSPC FAILED "), results::toString);
  }

  @Test
  void stepsRunInParallel() {
    List<String> results =
        results(
            selectClass(Careless.class),
            "junit.jupiter.execution.parallel.enabled",
            "true",
            "junit.jupiter.execution.parallel.mode.default",
            "concurrent");
    assertEquals(13, results.size(), results::toString);
    assertEquals(12, results.stream().filter(line -> line.endsWith("SUCCESSFUL")).count());
  }

  /** Leaves a process. */
  static class Leaking {
    @Test
    void leaves(@Traced Harness harness, @Traced Tracer tracer) throws IOException {
      harness.command("sleep", "100").start();
      tracer.launch(new ProcessBuilder("sleep", "100"));
    }
  }

  @Test
  void aTestThatLeavesProcessesFails() {
    List<String> results = results(selectClass(Leaking.class));
    assertTrue(
        results.get(0).contains("FAILED The test left traced processes running: [process "),
        results::toString);
  }

  /** Does not answer, and does not look at how the program ends. */
  static class Forgetful {
    @Test
    void forgets(@Traced Harness harness) throws IOException, InterruptedException {
      RunningCommand running =
          harness
              .command("sh", "-c", "cat /etc/hostname")
              .limit(Duration.ofSeconds(2))
              .startTo("openat", CallCondition.path("/etc/hostname"));
      running.stop().answered().join();
      running.process().waitFor();
    }
  }

  @Test
  void aTestThatDoesNotAnswerFails() {
    List<String> results = results(selectClass(Forgetful.class));
    assertTrue(
        results.get(0).contains("FAILED The program has waited at the point at openat:path="),
        results::toString);
  }

  /** Has no time. */
  static class Hurried {
    @FaultSweep(calls = "write", errno = Errno.EIO, budgetSeconds = 0)
    void writes(@Traced Harness harness) throws IOException, InterruptedException {
      harness.subject("echo", "x").run();
    }
  }

  @Test
  void whatDoesNotBeginInTimeIsSkipped() {
    List<String> results = results(selectClass(Hurried.class));
    assertTrue(results.get(1).endsWith("ABORTED The sweep's time is over"), results::toString);
  }

  /** Has nothing to try. */
  static class Idle {
    @FaultSweep(calls = "unlink,rename", errno = Errno.EIO)
    void makesNoSuchCall(@Traced Harness harness) throws IOException, InterruptedException {
      harness.subject("true").run();
    }

    @CrashSweep
    void runsNoSubject(@Traced Harness harness) throws IOException, InterruptedException {
      harness.command("true").run();
    }
  }

  @Test
  void aSweepWithNothingToTryFails() {
    List<String> results = results(selectClass(Idle.class));
    assertEquals(
        Set.of(
            "nothing happens FAILED The subjects made no call that the sweep is about:"
                + " [rename, unlink]",
            "nothing happens FAILED No subject was run: a sweep is about what Harness.subject runs"),
        Set.copyOf(results));
  }

  @Test
  void aBadNumberOfAStepIsToldWithItsProperty() {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> SweepExtension.indices("1,abc"));
    assertEquals(
        "The system property sysmon.sweep has numbers of steps with commas between, as they are in"
            + " the tests' names, and 0 for the recording; found 'abc'",
        refusal.getMessage());
    assertArrayEquals(new int[] {0, 17}, SweepExtension.indices("0,17"));
  }
}
