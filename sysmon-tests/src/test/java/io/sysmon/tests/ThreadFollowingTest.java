package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    int threads = Effort.rounds(2000);
    assertEquals(new Outcome(threads + " threads\n", "", 0), sameAsUntraced("churn", "" + threads));
  }

  @Test
  void everyThreadIsStartedAndEndedOnce() {
    Recorder recorder = new Recorder(Interest.none());
    int threads = Effort.rounds(500);
    Outcome.traced(Alike.guest("threads", "churn", "" + threads), recorder);
    assertEquals(1 + threads, recorder.all(Recorder.Start.class).size());
    assertEquals(1 + threads, recorder.all(Recorder.End.class).size());
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

  /** Each call of each thread is entered and left once, in its order. */
  private static final class Numbered implements SyscallListener {
    private static final int CALLS = 5;
    private final Map<Integer, Integer> tids = new HashMap<>();
    private final Map<Integer, Integer> entered = new HashMap<>();
    private final Map<Integer, Integer> left = new HashMap<>();
    private final List<String> wrong = new ArrayList<>();

    @Override
    public Interest interest() {
      return Interest.of("getpgid");
    }

    @Override
    public void onEnter(SyscallEnter call) {
      count(call, entered);
    }

    @Override
    public void onExit(SyscallExit call) {
      count(call, left);
    }

    private void count(SyscallStop call, Map<Integer, Integer> calls) {
      int thread = (int) call.arg(1);
      int before = calls.merge(thread, 1, Integer::sum) - 1;
      if (call.arg(2) != before || tids.computeIfAbsent(thread, t -> call.tid()) != call.tid()) {
        wrong.add("thread " + thread + ", after " + before + ": " + call);
      }
    }
  }

  @Test
  void aThousandThreadsAtOnceLoseNoEvent() {
    int threads = Effort.rounds(1000);
    ProcessBuilder command = Alike.guest("threads", "numbered", "" + threads);
    Contract contract = Contract.of(Interest.all());
    Numbered numbered = new Numbered();
    assertEquals(
        new Outcome(threads + " threads\n", "", 0), Outcome.traced(command, contract, numbered));
    contract.verify();
    assertEquals(threads + 1, contract.starts());
    assertEquals(List.of(), numbered.wrong);
    Set<Integer> all = Set.of(Numbered.CALLS);
    assertEquals(threads, numbered.entered.size());
    assertEquals(all, Set.copyOf(numbered.entered.values()));
    assertEquals(numbered.entered, numbered.left);
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
