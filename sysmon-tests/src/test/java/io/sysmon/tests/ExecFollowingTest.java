package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sysmon.Interest;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * execve in processes of several threads. The guest executes itself again and again; its threads
 * run, sleep, fork, come and go meanwhile, and every child that they made is reaped in the end.
 */
class ExecFollowingTest {
  private static final String ROUNDS = Integer.toString(Effort.rounds(300));
  private static final String FEW_ROUNDS = Integer.toString(Effort.rounds(50));
  private static final String SURVIVED = "same pid, leader\n";

  private static Outcome sameAsUntraced(String... arguments) {
    Outcome outcome = Alike.runDying(Alike.guest("execs", arguments));
    assertEquals("", outcome.stderr());
    return outcome;
  }

  @Test
  void theLeaderExecutesAProgramWhileItsThreadsAreBusy() {
    assertEquals(new Outcome(SURVIVED, "", 41), sameAsUntraced("leader", FEW_ROUNDS));
  }

  @Test
  void aThreadExecutesAProgramWhileTheOthersAreBusy() {
    assertEquals(new Outcome(SURVIVED, "", 42), sameAsUntraced("thread", FEW_ROUNDS));
  }

  @Test
  void aThreadExecutesAProgramWhileTheLeaderMakesCalls() {
    assertEquals(new Outcome(SURVIVED, "", 43), sameAsUntraced("thread-busy-leader", ROUNDS));
  }

  @Test
  void aThreadExecutesAProgramWhileTheLeaderForks() {
    assertEquals(new Outcome(SURVIVED, "", 44), sameAsUntraced("thread-forking-leader", ROUNDS));
  }

  @Test
  void aThreadExecutesAProgramWhenTheLeaderHasEndedOrIsEnding() {
    assertEquals(new Outcome(SURVIVED, "", 45), sameAsUntraced("thread-ended-leader", ROUNDS));
  }

  @Test
  void aThreadExecutesAProgramWhenTheLeaderIsAZombie() {
    ProcessBuilder command = Alike.guest("execs", "thread-zombie-leader", "10");
    assertEquals(new Outcome(SURVIVED, "", 48), Alike.run(command));
    Recorder recorder = new Recorder(Interest.none());
    Outcome.traced(command, recorder);
    assertEquals(11, recorder.all(Recorder.Exec.class).size());
    // The leader's own end is never told by the kernel: its place is taken.
    assertEquals(
        10,
        recorder.all(Recorder.End.class).stream()
            .filter(end -> end.status().supersededBy() != 0)
            .count());
  }

  @Test
  void oneOfManyThreadsThatExecuteAProgramAtOnceWins() {
    assertEquals(new Outcome(SURVIVED, "", 46), sameAsUntraced("many-at-once", ROUNDS));
  }

  @Test
  void aVforkedChildExecutesAProgramThatDoesTheSame() {
    Outcome outcome = Alike.run(Alike.guest("execs", "from-child-of-vfork", "20"));
    assertEquals(21, outcome.exitValue());
  }

  @Test
  void anExecveThatFailsChangesNothing() {
    assertEquals(
        new Outcome("No such file or directory\nPermission denied\nPermission denied\n", "", 47),
        Alike.run(Alike.guest("execs", "failing")));
  }

  @RepeatedTest(5)
  void aThreadThatExecutesAProgramTakesItsLeadersId() {
    Recorder recorder = new Recorder(Interest.none());
    Outcome.traced(Alike.guest("execs", "thread-busy-leader", "1"), recorder);
    List<Recorder.Exec> execs = recorder.all(Recorder.Exec.class);
    assertEquals(2, execs.size());
    int pid = execs.get(0).tid();
    assertEquals(pid, execs.get(0).formerTid());
    assertEquals(pid, execs.get(1).tid());
    assertNotEquals(pid, execs.get(1).formerTid());
    assertEquals(
        List.of(execs.get(1).formerTid()),
        recorder.all(Recorder.End.class).stream()
            .map(end -> end.status().supersededBy())
            .filter(by -> by != 0)
            .toList());
  }
}
