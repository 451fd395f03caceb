package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SyscallRecord;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.SameAgain;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Programs that filter their own system calls are filtered as nobody watched. */
class SeccompTest {
  private static Outcome sameAsUntraced(String mode) {
    ProcessBuilder command = Alike.guest("seccomp", mode);
    Outcome outcome = Alike.runDying(command);
    Contract contract = Contract.ofDying(Interest.none());
    assertEquals(outcome, Outcome.traced(command, contract, new SameAgain()), "rewritten");
    contract.verify();
    assertEquals("", outcome.stderr());
    return outcome;
  }

  private static Recorder record(String mode) {
    Recorder recorder = new Recorder();
    Outcome.traced(Alike.guest("seccomp", mode), recorder);
    return recorder;
  }

  @Test
  void aCallThatIsNotAllowedKillsTheProcess() {
    assertEquals("allowed\nchild killed by 31\n", sameAsUntraced("kill-process").stdout());
  }

  @Test
  void whoStaysWithinAStrictFilterLives() {
    assertEquals("allowed\nchild exited 7\n", sameAsUntraced("obey").stdout());
  }

  @Test
  void aFilterMayKillOneThreadAndLeaveTheOthers() {
    assertEquals(
        "0 survived, the rest lives\nchild killed by 31\n", sameAsUntraced("kill-thread").stdout());
    ExitStatus killed = ExitStatus.killed(Signal.SIGSYS, false);
    List<ExitStatus> threads =
        record("kill-thread").all(Recorder.End.class).stream()
            .filter(end -> end.tid() != end.pid())
            .map(Recorder.End::status)
            .toList();
    assertEquals(Collections.nCopies(10, killed), threads);
  }

  @Test
  void aFilterMayAnswerWithAnErrorOrWithNothing() {
    assertEquals(new Outcome("-1 0 -4095\n", "", 3), sameAsUntraced("errno"));
  }

  @Test
  void aTrappedCallIsAnsweredByItsSignalsHandler() {
    assertEquals(
        "50 traps, 0 wrong, getpgid 1, data 77, code 1, 0 wrong addresses\n1 2 3 4 5\n",
        sameAsUntraced("trap").stdout());
    assertEquals(
        50,
        record("trap").all(Recorder.Delivery.class).stream()
            .filter(delivery -> delivery.signal().equals(Signal.SIGSYS))
            .count());
  }

  @Test
  void aTrapThatIsNotHandledIsDeadly() {
    assertEquals("child killed by 31\n".repeat(3), sameAsUntraced("trap-deadly").stdout());
  }

  @Test
  void loggedCallsAreMade() {
    assertEquals(new Outcome("allowed\n", "", 5), sameAsUntraced("log"));
  }

  /** The kernel asks a tracer only if it has said that it wants to be asked; else as without. */
  @Test
  void aCallThatIsLeftToATracerIsAnsweredAsIfThereWereNone() {
    assertEquals("0 wrong, openat -38\n", sameAsUntraced("trace").stdout());
    List<SyscallRecord> exits = record("trace").exits("getpid");
    List<SyscallRecord> left = exits.stream().filter(call -> call.arg(5) == 6).toList();
    assertEquals(50, left.size());
    for (SyscallRecord call : left) {
      assertEquals(-Errno.ENOSYS.number(), call.exit().result());
    }
  }

  @Test
  void strictModeLetsReadAndWriteAndEndsTheRest() {
    assertEquals(
        "strictly x\nchild exited 8\nstrictly x\nchild killed by 9\n",
        sameAsUntraced("strict").stdout());
  }

  @Test
  void filtersUponFiltersHoldForAllThreads() {
    String stdout = sameAsUntraced("stacked").stdout();
    assertEquals(4, stdout.lines().filter("0 wrong"::equals).count(), stdout);
    assertTrue(stdout.contains("leader: mode 2, "), stdout);
  }

  @Test
  void threadsThatCannotBeSynchronizedAreNamed() {
    assertEquals("refused for the thread: 1\n", sameAsUntraced("tsync-refused").stdout());
  }

  @RepeatedTest(3)
  void aFilterOfAnotherThreadKillsInTheMiddleOfACall() {
    assertEquals("child killed by 31\n".repeat(10), sameAsUntraced("tsync-kills").stdout());
  }

  @Test
  void aVforkChildsFilterIsItsOwn() {
    assertEquals(
        "vforked killed by 31\nvforked exited 9\n".repeat(5), sameAsUntraced("vfork").stdout());
  }

  @Test
  void filtersOutliveExecAndGoToChildren() {
    assertEquals(
        new Outcome("after exec: getpgid -1\nin a child: getpgid -1\nchild exited 11\n", "", 12),
        sameAsUntraced("exec"));
  }
}
