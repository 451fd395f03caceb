package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Outcome;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The kernel wakes a traced task for signals that its program ignores, and an untraced one not: the
 * program must not see the difference.
 */
class IgnoredSignalTest {
  /** What the C library makes of it. */
  private static final String EPOLL_WAIT = Cpu.choose("epoll_wait", "epoll_pwait");

  private static String sameAsUntraced(String... arguments) {
    Outcome outcome = Alike.runInterrupted(Alike.guest("unnoticed", arguments));
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitValue());
    return outcome.stdout();
  }

  @Test
  void aCallWaitsUntilWhatItWaitsForHappens() {
    String stdout = sameAsUntraced();
    assertTrue(stdout.startsWith("epoll_wait = 1 Success\nsender exited 0\n"), stdout);
    assertTrue(stdout.contains("sigtimedwait = 10 Success\n"), stdout);
  }

  /** Signals come so often that a call that began anew for each would never end. */
  @Test
  void aCallWaitsAsLongAsItWasToldTo() {
    String stdout = sameAsUntraced("limited");
    assertEquals(24, stdout.lines().filter(line -> line.endsWith("in time")).count());
    assertTrue(stdout.contains("epoll_wait = 0 Success"), stdout);
    assertTrue(stdout.contains("sigtimedwait = -1 Resource temporarily unavailable"), stdout);
  }

  @Test
  void aSignalWithAHandlerInterruptsTheSameCalls() {
    String stdout = sameAsUntraced("handled");
    assertEquals(
        24, stdout.lines().filter(line -> line.contains("Interrupted system call")).count());
  }

  @Test
  void theListenerIsToldThatTheCallIsMadeAgain() {
    AtomicInteger interrupted = new AtomicInteger();
    AtomicInteger restarted = new AtomicInteger();
    SyscallListener counter =
        new SyscallListener() {
          @Override
          public Interest interest() {
            return Interest.of(EPOLL_WAIT);
          }

          @Override
          public void onEnter(SyscallEnter call) {
            restarted.addAndGet(call.isRestart() ? 1 : 0);
          }

          @Override
          public void onExit(SyscallExit call) {
            interrupted.addAndGet(call.errno() == Errno.EINTR ? 1 : 0);
          }
        };
    Outcome.traced(Alike.guest("unnoticed"), counter);
    assertTrue(interrupted.get() > 0);
    assertEquals(interrupted.get(), restarted.get());
  }

  @Test
  void anInterruptionThatTheListenerMakesReachesTheProgram() {
    AtomicInteger calls = new AtomicInteger();
    SyscallListener interrupter =
        SyscallListener.onExit(
            Interest.exit(EPOLL_WAIT),
            call -> {
              calls.incrementAndGet();
              call.setResult(-Errno.EINTR.number());
            });
    String stdout = Outcome.traced(Alike.guest("unnoticed", "limited"), interrupter).stdout();
    assertTrue(stdout.startsWith("epoll_wait = -1 Interrupted system call"), stdout);
    // Three times each, by epoll_wait(3) and where that makes the same call by epoll_pwait(3).
    assertEquals(Cpu.choose(3, 6), calls.get());
  }
}
