package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.Interest;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class ThreadFollowingTest {
  private static Outcome sameAsUntraced(String... arguments) {
    Outcome outcome = Alike.run(Alike.guest("threads", arguments));
    assertEquals("", outcome.stderr());
    return outcome;
  }

  @Test
  void twoThousandThreadsComeAndGo() {
    assertEquals(new Outcome("2000 threads\n", "", 0), sameAsUntraced("churn"));
  }

  @Test
  void everyThreadIsStartedAndEndedOnce() {
    Recorder recorder = new Recorder(Interest.none());
    Outcome.traced(Alike.guest("threads", "churn", "500"), recorder);
    assertEquals(501, recorder.all(Recorder.Start.class).size());
    assertEquals(501, recorder.all(Recorder.End.class).size());
    Set<Integer> processes =
        recorder.all(Recorder.Start.class).stream()
            .map(Recorder.Start::pid)
            .collect(Collectors.toSet());
    assertEquals(1, processes.size());
  }

  @Test
  void sixtyFourThreadsLiveAtOnce() {
    assertEquals(new Outcome("64 met\n", "", 0), sameAsUntraced("all-at-once"));
  }

  @RepeatedTest(3)
  void threadsGoOnAfterTheirLeadersPthreadExit() {
    assertEquals(
        new Outcome("the leader is gone\n", "", 13), sameAsUntraced("leader-pthread-exit"));
  }

  @RepeatedTest(3)
  void threadsGoOnAfterTheirLeadersExitCall() {
    assertEquals(new Outcome("the leader is gone\n", "", 14), sameAsUntraced("leader-sys-exit"));
  }

  @RepeatedTest(3)
  void aProcessEndsWithItsLastThread() {
    assertEquals(
        new Outcome("a thread goes on\n".repeat(3), "", 20), sameAsUntraced("everybody-sys-exit"));
  }

  @Test
  void theEndOfAThreadIsNotTheEndOfItsProcess() {
    assertEquals(new Outcome("joined\n", "", 16), sameAsUntraced("thread-sys-exit"));
  }

  @RepeatedTest(10)
  void aThreadEndsTheProcessWhileTheOthersRunAndSleep() {
    assertEquals(new Outcome("", "", 17), sameAsUntraced("exit-group-by-a-thread"));
  }

  @RepeatedTest(10)
  void theLeaderEndsTheProcessWhileTheOthersRunAndSleep() {
    assertEquals(new Outcome("", "", 18), sameAsUntraced("exit-group-by-the-leader"));
  }

  @RepeatedTest(10)
  void aFaultInAThreadEndsTheProcess() {
    assertEquals(new Outcome("", "", 128 + 11), sameAsUntraced("fault-in-a-thread"));
  }

  @Test
  void twoThreadsEndTheProcessAtTheSameMoment() {
    assertEquals(
        new Outcome("child exited 19\n".repeat(50), "", 0), sameAsUntraced("two-exits-at-once"));
  }
}
