package io.sysmon.tests.signals;

import static io.sysmon.tests.signals.Signalled.guest;
import static io.sysmon.tests.signals.Signalled.onSignal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends the waits that the kernel cannot restart, and what does not. */
class InterruptedWaitsTest {
  private static final List<String> WAITS =
      List.of("epoll_wait", "epoll_pwait", "epoll_pwait2", "semop", "semtimedop", "sigwaitinfo");

  private static String sameAsUntraced(String mode) {
    Outcome outcome = Alike.runInterrupted(guest("waits", mode));
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitValue());
    return outcome.stdout();
  }

  @Test
  void ignoredSignalsDoNotSigcontAmongThem() {
    assertEquals(
        """
        epoll_wait = 1\s
        child exited 0
        epoll_pwait = 1\s
        child exited 0
        epoll_pwait2 = 1\s
        child exited 0
        semop = 0\s
        child exited 0
        semtimedop = 0\s
        child exited 0
        sigwaitinfo = 12\s
        child exited 0
        """,
        sameAsUntraced("ignored"));
  }

  @Test
  void stopsDoInterruptAlsoAfterIgnoredSignals() {
    String stdout = sameAsUntraced("stopped");
    for (String call : WAITS) {
      assertTrue(stdout.contains(call + " = -1 Interrupted system call\n"), stdout);
    }
    assertTrue(stdout.endsWith("thread: Interrupted system call\nchild exited 4\n"), stdout);
  }

  /** Also in the moment at which it is back at the instruction to make the call again. */
  @ParameterizedTest
  @ValueSource(strings = {"stop", "handler"})
  void whatFollowsAnIgnoredSignalAtAnyMomentInterrupts(String what) {
    Outcome outcome = Alike.runInterrupted(guest("waits", "followed", Effort.rounds(500), what));
    assertEquals("child exited 4\n", outcome.stdout());
  }

  @Test
  void anIgnoredSignalThatWasBlockedInterruptsTheWaitThatUnblocksIt() {
    assertEquals("epoll_pwait = -1 Interrupted system call\n".repeat(3), sameAsUntraced("pending"));
  }

  @Test
  void suppressedSignalsDoNotInterrupt() {
    Recorder recorder = new Recorder(Cpu.choose(Interest.none(), Interest.all()));
    Outcome outcome =
        Outcome.traced(guest("waits", "suppressed"), onSignal(SignalStop::suppress), recorder);
    assertEquals("epoll_wait = 1 \nchild exited 0\n", outcome.stdout());
    assertTrue(
        recorder.all(Recorder.Delivery.class).stream()
            .anyMatch(delivery -> delivery.signal().equals(Signal.SIGTERM)));
  }
}
