package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.SameAgain;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Sandboxes that are built of several processes work as they do untraced. */
class SandboxTest {
  private static final int NOT_ALLOWED_HERE = 77;

  private static Outcome sameAsUntraced(ProcessBuilder command, Listener... rewriting) {
    Outcome outcome = Alike.run(command);
    assumeTrue(outcome.exitValue() != NOT_ALLOWED_HERE, "Namespaces are not allowed here");
    for (Listener listener : rewriting) {
      Contract contract = Contract.of(Interest.none());
      assertEquals(outcome, Outcome.traced(command, contract, listener), "rewritten");
      contract.verify();
    }
    assertEquals("", outcome.stderr());
    return outcome;
  }

  private static Outcome sameAsUntraced(String mode) {
    return sameAsUntraced(Alike.guest("sandbox", mode), new SameAgain());
  }

  @Test
  void aBrokerOpensFilesForASandboxedProcess() {
    assertEquals(
        "0 wrong\nsandboxed killed by 31\nbroker exited 0\n", sameAsUntraced("broker").stdout());
  }

  @RepeatedTest(3)
  void aSupervisorAnswersCallsOfAnotherProcess() {
    assertEquals(
        "0 wrong, dup 55\nsupervised exited 0\nsupervisor exited 0\n",
        sameAsUntraced("notify").stdout());
  }

  @Test
  void aProcessInNamespacesOfItsOwnIsProcessOne() {
    String stdout = sameAsUntraced("namespaces").stdout();
    assertTrue(stdout.startsWith("pid 1, parent 0, uid 0\n1 interface\nchild 2\n"), stdout);
    assertTrue(stdout.endsWith("filtered\ninside exited 33\n"), stdout);
  }

  /** Process 1 ends when all others of its namespace have been reaped, by the tracer too. */
  @RepeatedTest(3)
  void theEndOfProcessOneEndsItsNamespace() {
    assertEquals(
        "init killed by 9\nfork: Cannot allocate memory\n",
        sameAsUntraced("killed-namespace").stdout());
  }

  @Test
  void theNumbersThatListenersSeeAreThoseOfTheTracersNamespace() {
    Recorder recorder = new Recorder();
    ProcessBuilder command = Alike.guest("sandbox", "namespaces");
    assumeTrue(Outcome.traced(command, recorder).exitValue() == 0, "Not allowed here");
    Set<Integer> started =
        recorder.all(Recorder.Start.class).stream()
            .map(Recorder.Start::tid)
            .collect(Collectors.toSet());
    assertEquals(10, started.size());
    recorder.events().forEach(event -> assertTrue(started.contains(event.tid()), event::toString));
    List<Long> told =
        recorder.exits("clone").stream().map(call -> call.exit().result()).sorted().toList();
    // Those that fork returned inside, by the namespace's own count, and the one outside.
    assertEquals(List.of(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), told.subList(0, 8));
  }

  @Test
  void bubblewrapRunsAProgram() {
    ProcessBuilder command =
        new ProcessBuilder(
            "bwrap",
            "--ro-bind",
            "/",
            "/",
            "--dev",
            "/dev",
            "--proc",
            "/proc",
            "--tmpfs",
            "/tmp",
            "--unshare-all",
            "--die-with-parent",
            "--new-session",
            "--hostname",
            "inside",
            "--cap-drop",
            "ALL",
            "sh",
            "-c",
            "echo $$; hostname; ls /tmp | wc -l; touch /etc/x 2>/dev/null; echo $?; (exit 4)");
    assumeTrue(
        Outcome.bare(new ProcessBuilder("sh", "-c", "bwrap --ro-bind / / --unshare-all true"))
                .exitValue()
            == 0,
        "bubblewrap does not run here");
    assertEquals(new Outcome("2\ninside\n0\n1\n", "", 4), sameAsUntraced(command, new SameAgain()));
  }
}
