package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.Interest;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.SameAgain;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Children in their parent's memory: what they do there is what they do untraced. */
class VforkTest {
  private static Outcome sameAsUntraced(String mode) {
    ProcessBuilder command = Alike.guest("vforks", mode);
    Outcome outcome = Alike.runDying(command);
    Contract contract = Contract.ofDying(Interest.none());
    assertEquals(outcome, Outcome.traced(command, contract, new SameAgain()), "rewritten");
    contract.verify();
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitValue());
    return outcome;
  }

  @Test
  void aVforkChildMayVforkItself() {
    String stdout = sameAsUntraced("double").stdout();
    assertEquals(20, stdout.lines().count(), stdout);
  }

  @Test
  void theParentOfAChildThatASignalEndsHasItsMemory() {
    assertEquals(
        """
        child killed by 9
        child killed by 15
        child killed by 11
        child killed by 4
        """
            .repeat(3),
        sameAsUntraced("dies").stdout());
  }

  @RepeatedTest(3)
  void anotherThreadMayKillTheChildThatIsWaitedFor() {
    assertEquals("child killed by 9\n".repeat(20), sameAsUntraced("killed").stdout());
  }

  @RepeatedTest(3)
  void theChildOfAParentThatIsKilledGoesOn() {
    assertEquals(
        "parent killed by 9\nchild exited 14\n".repeat(10),
        sameAsUntraced("parent-killed").stdout());
  }

  @Test
  void theChildMayHaveThreads() {
    assertEquals("child exited 16\nshared 3\n".repeat(10), sameAsUntraced("threads").stdout());
    Recorder recorder = new Recorder(Interest.none());
    Outcome.traced(Alike.guest("vforks", "threads"), recorder);
    assertEquals(41, recorder.all(Recorder.Start.class).size());
    assertEquals(41, recorder.all(Recorder.End.class).size());
  }

  @RepeatedTest(3)
  void aThreadOfTheChildMayBecomeTheProgram() {
    assertEquals("child exited 17\n".repeat(10), sameAsUntraced("thread-execs").stdout());
  }

  @Test
  void theParentSeesWhyTheChildCouldNotBecomeAProgram() {
    assertEquals(
        "child exited 127\nNo such file or directory\n".repeat(10),
        sameAsUntraced("exec-fails").stdout());
  }

  @RepeatedTest(2)
  void manyThreadsSpawnProgramsAtOnce() {
    assertEquals("10 right\n".repeat(8), sameAsUntraced("spawns").stdout());
  }

  @Test
  void aSignalHandlerMayVfork() {
    assertEquals("child exited 18\n".repeat(20), sameAsUntraced("in-handler").stdout());
  }
}
