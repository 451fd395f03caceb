package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import io.sysmon.tests.support.Outcome;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Children of parents that were killed before the kernel could report the fork: what was changed of
 * the parent is not left in them.
 */
class OrphansTest {
  @ParameterizedTest
  @CsvSource({"killed, 120", "execs, 120"})
  void theyHaveNeitherItsBreakpointsNorItsRewrittenArguments(String how, int rounds) {
    AtomicInteger hits = new AtomicInteger();
    AtomicInteger forks = new AtomicInteger();
    SyscallListener changing =
        onEnter(
            Interest.enter("getppid", "fork"),
            call -> {
              if (call.name().equals("fork")) {
                forks.incrementAndGet();
                call.setArg(5, 0x7777);
              } else {
                call.task().tracee().setBreakpoint(call.arg(0), stop -> hits.incrementAndGet());
              }
            });
    Outcome outcome = Outcome.traced(guest("orphans", how, rounds), changing);
    assertEquals("bad=0\n", outcome.stdout());
    assertEquals(0, hits.get());
    assertTrue(forks.get() > 0, forks::toString);
  }
}
