package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.SameAgain;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Children that escape the tracer, that are somebody else's, or that have a chosen number. */
class CloneTest {
  private static Outcome sameAsUntraced(String... arguments) {
    ProcessBuilder command = Alike.guest("clones", arguments);
    Outcome outcome = Alike.run(command);
    assertEquals(outcome, Outcome.traced(command, new SameAgain()), "rewritten");
    assertEquals("", outcome.stderr());
    return outcome;
  }

  private static Recorder record(String... arguments) {
    Recorder recorder = new Recorder();
    Outcome.traced(Alike.guest("clones", arguments), recorder);
    return recorder;
  }

  @Test
  void anUntracedChildEscapesAndItsParentReapsIt() {
    assertTrue(sameAsUntraced("untraced").stdout().endsWith("untraced exited 59\n"));
    Recorder recorder = record("untraced");
    assertEquals(1, recorder.all(Recorder.Start.class).size());
    assertEquals(1, recorder.all(Recorder.End.class).size());
    assertEquals(20, recorder.exits("wait4").size());
  }

  @Test
  void anUntracedVforkChildBecomesAnotherProgram() {
    assertEquals("untraced exited 61\n".repeat(10), sameAsUntraced("untraced-vfork").stdout());
    assertEquals(1, record("untraced-vfork").all(Recorder.Exec.class).size());
  }

  @Test
  void anUntracedChildMayOutliveAllThatIsTraced() {
    assertEquals(
        "middle exited 63\norphan lives\nthen 0\n", sameAsUntraced("untraced-orphan").stdout());
  }

  @RepeatedTest(3)
  void aProcessMayHaveThreadsThatAreNotTraced() {
    assertEquals(new Outcome("ten threads\n", "", 64), sameAsUntraced("untraced-thread"));
    assertEquals(1, record("untraced-thread").all(Recorder.Start.class).size());
  }

  /** The kernel tells nothing of it; the watch finds that the process is not traced any more. */
  @Test
  void aProcessThatSuchAThreadMakesAnotherProgramOfLeavesTheTrace() throws Exception {
    ProcessBuilder command = Alike.guest("clones", "untraced-thread-execs");
    assertEquals(new Outcome("", "", 67), Outcome.bare(command));
    try (Tracer tracer = Tracer.builder().build()) {
      TraceeHandle launched = tracer.launch(command);
      assertTrue(launched.waitFor(Outcome.LIMIT));
      assertEquals(ExitStatus.exited(67), launched.exitStatus());
      assertFalse(launched.isTraced());
    }
  }

  /** Nothing is there then that shows to the watch what has become of it. */
  @Test
  void suchAProcessMayHaveEndedAndBeenReapedBeforeItIsMissed() throws Exception {
    List<String> guest = Alike.guest("clones", "untraced-thread-execs").command();
    List<String> command = new ArrayList<>(List.of("sh", "-c", "\"$@\"; exit $?", "sh"));
    command.addAll(guest);
    try (Tracer tracer = Tracer.builder().build()) {
      assertEquals(67, tracer.launch(new ProcessBuilder(command)).waitFor());
      assertTrue(tracer.awaitTracees(Outcome.LIMIT));
    }
  }

  /** {@code CLONE_PTRACE} gives the child to the parent's tracer, without a fork event. */
  @Test
  void aChildThatNoEventAnnouncesIsTakenIn() {
    ProcessBuilder command = Alike.guest("clones", "ptrace-untraced");
    assertTrue(Alike.runDying(command).stdout().endsWith("child exited 70\n"));
    Recorder recorder = record("ptrace-untraced");
    List<Recorder.Start> starts = recorder.all(Recorder.Start.class);
    assertEquals(6, starts.size());
    TraceeHandle root = starts.get(0).task().tracee();
    starts.stream()
        .skip(1)
        .forEach(start -> assertEquals(root, start.task().tracee().parent().orElseThrow()));
  }

  /** The JVM, in a test: it must not be left with zombies (NothingLeaks). */
  @RepeatedTest(3)
  void childrenOfWhoeverLaunchedTheProgramLeaveNoZombies() throws Exception {
    Contract contract = Contract.of(Interest.all());
    Recorder recorder = new Recorder(Interest.none());
    ProcessBuilder command = Alike.guest("clones", "grandparents");
    assertEquals(new Outcome("end: 0\n", "", 0), Outcome.traced(command, contract, recorder));
    contract.verify();
    assertEquals(
        20,
        recorder.all(Recorder.End.class).stream()
            .filter(end -> end.status().equals(ExitStatus.exited(71)))
            .count());
    assertEquals(new Outcome("end: 0\n", "", 0), Outcome.traced(command));
  }

  @RepeatedTest(5)
  void suchChildrenAreKnownAsChildrenOfWhoMadeThemWhileOthersEnd() {
    Contract contract = Contract.of(Interest.all());
    assertEquals(
        new Outcome("busy exited 76\n".repeat(2), "", 0),
        Outcome.traced(Alike.guest("clones", "busy-grandparents"), contract));
    contract.verify();
  }

  @RepeatedTest(3)
  void suchChildrenMayOutliveTheProgram() throws Exception {
    Contract contract = Contract.of(Interest.all());
    try (Tracer tracer = Tracer.builder().listener(contract).build()) {
      TraceeHandle launched = tracer.launch(Alike.guest("clones", "grandparents-later"));
      assertEquals(0, launched.waitFor());
      assertTrue(tracer.awaitTracees(Outcome.LIMIT));
    }
    contract.verify();
    assertEquals(6, contract.starts());
  }

  /** A child's parent in the kernel's books is not the one that made it. */
  @RepeatedTest(3)
  void siblingsAreKnownAsChildrenOfWhoMadeThem() {
    assertEquals("siblings right, makers right\n", sameAsUntraced("siblings").stdout());
  }

  @RepeatedTest(3)
  void aNumberMayBeUsedAgainAtOnce() {
    Outcome outcome = sameAsUntraced("set-tid");
    assumeTrue(outcome.exitValue() != 77, "Numbers cannot be chosen here");
    assertTrue(outcome.stdout().endsWith("again exited 129\n"), outcome::stdout);
  }

  @Test
  void anEndIsToldByAnySignalOrByNone() {
    assertTrue(
        sameAsUntraced("clone3-exit-signals")
            .stdout()
            .endsWith("clone3 exited 34\nsignal right\nno such signal: Invalid argument\n"));
  }

  @Test
  void aProcessLeftBehindInSharedMemoryGoesOn() {
    assertEquals("left behind exited 81\n", sameAsUntraced("left-in-memory").stdout());
  }
}
