package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Signal;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalFollowingTest {
  private static String sameAsUntraced(String... arguments) {
    Outcome outcome = Alike.run(Alike.guest("signals", arguments));
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitValue());
    return outcome.stdout();
  }

  @Test
  void aSignalInterruptsACall() {
    String stdout = sameAsUntraced("eintr");
    assertEquals(9, stdout.lines().filter(l -> l.endsWith("Interrupted system call")).count());
    assertTrue(
        stdout.endsWith(
            """
            rest is about right
            poll = -1 Interrupted system call
            epoll_wait = -1 Interrupted system call
            signals came
            """));
  }

  @Test
  void anInterruptedCallIsRestartedWhenTheHandlerAsksForIt() {
    assertEquals(
        "read = 1\n".repeat(10)
            + "poll = -1 Interrupted system call\nwaitpid = 1\nchild exited 3\nsignals came\n",
        sameAsUntraced("restart"));
  }

  /** Their kernel code goes on by restart_syscall, with the time that is left. */
  @ParameterizedTest
  @ValueSource(
      strings = {"stopped-nanosleep", "stopped-poll", "stopped-futex", "stopped-clock-nanosleep"})
  void aCallThatWasStoppedInTheMiddleTakesItsFullTime(String mode) {
    assertTrue(sameAsUntraced(mode).endsWith("took its time\nchild exited 0\n"));
  }

  @Test
  void intervalTimersTick() {
    assertTrue(sameAsUntraced("timers").endsWith("alarm left 0\nalarm left most\n"));
  }

  @Test
  void aTimersSignalCarriesItsValue() {
    assertEquals("sigwaitinfo = 3\nvalue 4711 code -2\n".repeat(5), sameAsUntraced("posix-timer"));
  }

  @Test
  void queuedRealTimeSignalsKeepTheirOrderAndValues() {
    List<String> lines = sameAsUntraced("queue").lines().toList();
    assertEquals(71, lines.size());
    assertEquals("rt+0 value 0 code -1 from self", lines.get(1));
    assertEquals("rt+1 value 109 code -1 from another", lines.get(50));
  }

  @Test
  void theListenerSeesEachQueuedSignalWithItsValue() {
    Recorder recorder = new Recorder();
    Outcome.traced(Alike.guest("signals", "queue"), recorder);
    List<Integer> values =
        recorder.all(Recorder.Delivery.class).stream()
            .filter(delivery -> delivery.signal().equals(Signal.of(35)))
            .map(delivery -> (int) delivery.info().value())
            .toList();
    assertEquals(30, values.size());
    assertEquals(109, values.get(29));
  }

  @Test
  void sigsuspendWaitsAndRestoresTheMask() {
    assertEquals("20 signals\nchild exited 0\n", sameAsUntraced("sigsuspend"));
  }

  @Test
  void signalsAreTakenSynchronously() {
    assertTrue(
        sameAsUntraced("synchronous")
            .endsWith(
                "signalfd 10 code -1 int 1004 status 0\nsignalfd 17 code 1 int 0 status 4\n"));
  }

  @Test
  void aPendingSignalAndIgnoredOnesSurviveAnExecve() {
    assertEquals(
        new Outcome("after: pending 1, usr2 ignored\n", "", 128 + 10),
        Alike.run(Alike.guest("signals", "pending-across-exec")));
  }

  @Test
  void aSignalToAThreadReachesThatThread() {
    assertEquals(
        "to the right thread\n".repeat(10) + "to the leader\n", sameAsUntraced("directed"));
  }

  @Test
  void handlersNest() {
    assertEquals("begin 10\nbegin 12\nend 12\nend 10\n".repeat(2), sameAsUntraced("nested"));
  }

  @Test
  void aProgramsOwnSeccompFilterWorks() {
    String stdout = sameAsUntraced("own-filter");
    assertTrue(stdout.contains("SIGSYS code 1 call 1\n"));
    assertFalse(stdout.contains("odd"));
  }
}
