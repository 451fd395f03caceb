package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.TraceeListener.ForkKind;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Recorder.Fork;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class ForkFollowingTest {
  private static Outcome sameAsUntraced(String... arguments) {
    Outcome outcome = Alike.run(Alike.guest("forks", arguments));
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitValue());
    return outcome;
  }

  private static List<ForkKind> kindsOf(String... arguments) {
    Recorder recorder = new Recorder();
    assertEquals(0, Outcome.traced(Alike.guest("forks", arguments), recorder).exitValue());
    return recorder.all(Fork.class).stream().map(Fork::kind).distinct().toList();
  }

  @Test
  void aParentCollectsTheStatusesOfForkedChildren() {
    assertTrue(sameAsUntraced("fork").stdout().startsWith("child exited 14\n"));
  }

  @Test
  void aVforkedChildSharesItsParentsMemory() {
    assertEquals("shared 42\nvforked exited 7\n", sameAsUntraced("vfork").stdout());
    assertEquals(List.of(ForkKind.VFORK), kindsOf("vfork"));
  }

  @Test
  void aVforkedChildBecomesAnotherProgram() {
    assertTrue(sameAsUntraced("vfork-exec").stdout().endsWith("vforked exited 19\n"));
  }

  @Test
  void aCloneSendsTheExitSignalItWasMadeWith() {
    assertTrue(
        sameAsUntraced("clone-exit-signals").stdout().contains("clone exited 21\nsignal 10"));
  }

  @Test
  void clone3MakesProcessesWithPidfdAndLikeVfork() {
    assertTrue(sameAsUntraced("clone3").stdout().startsWith("by pidfd: code 1 status 31\n"));
    assertEquals(List.of(ForkKind.FORK, ForkKind.VFORK), kindsOf("clone3"));
  }

  @Test
  void processesMayShareMemoryWithoutBeingThreads() {
    assertTrue(sameAsUntraced("shared-memory").stdout().endsWith("counter 5\n"));
  }

  @RepeatedTest(3)
  void aChildMadeAsASiblingIsItsGrandparentsToReap() {
    assertTrue(sameAsUntraced("clone-parent").stdout().contains("its sibling exited 51\n"));
  }

  @RepeatedTest(3)
  void threadsForkAtTheSameTime() {
    assertEquals("20 right\n".repeat(8), sameAsUntraced("from-threads").stdout());
  }

  @Test
  void aSignalHandlerMayFork() {
    assertEquals("child exited 61\n".repeat(20), sameAsUntraced("in-signal-handler").stdout());
  }

  @Test
  void aDaemonOutlivesTheProcessesThatMadeIt() {
    assertEquals("middle exited 72\norphan lives\nthen 0\n", sameAsUntraced("daemon").stdout());
  }

  @Test
  void aSubreaperReapsTheOrphans() {
    assertTrue(sameAsUntraced("subreaper").stdout().endsWith("adopted exited 71\n"));
  }

  @Test
  void posixSpawnSystemAndPopenWork() {
    assertTrue(sameAsUntraced("posix-spawn").stdout().endsWith("popen\npclose 83\n"));
  }

  @RepeatedTest(3)
  void childrenThatNobodyWaitsForLeaveNoZombies() {
    String ignored = sameAsUntraced("no-zombies", "ignored").stdout();
    assertEquals("wait -1 No child processes\nsignal did not come\n", ignored);
    String flagged = sameAsUntraced("no-zombies").stdout();
    assertEquals("wait -1 No child processes\nsignal came\n", flagged);
  }

  @Test
  void waitidLeavesAStatusForLater() {
    assertTrue(sameAsUntraced("wnowait").stdout().endsWith("no more: -1\n"));
  }

  @Test
  void sigchldTellsHowAChildEnded() {
    assertFalse(sameAsUntraced("sigchld-info").stdout().contains("stranger"));
  }

  /** 259 processes alive at once; each third is a new program, each seventh dies of a signal. */
  @RepeatedTest(5)
  void everyProcessOfAForkStormIsReapedWithItsOwnStatus() {
    Outcome outcome = Alike.run(Alike.guest("storm", "3", "6"));
    assertEquals(new Outcome("259 alive at once\nroot exited 1\n", "", 0), outcome);
  }

  @Test
  void everyProcessOfAForkStormStartsAndEnds() {
    Recorder recorder = new Recorder(Interest.none());
    Outcome.traced(Alike.guest("storm", "3", "6"), recorder);
    assertEquals(260, recorder.all(Recorder.Start.class).size());
    assertEquals(260, recorder.all(Recorder.End.class).size());
  }
}
