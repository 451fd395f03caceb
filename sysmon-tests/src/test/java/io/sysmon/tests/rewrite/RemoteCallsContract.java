package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.listener;
import static io.sysmon.tests.rewrite.Calls.onExit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.tests.support.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What system calls that are made inside a tracee leave as it is, whatever its ABI. */
abstract class RemoteCallsContract {
  /** How often calls were made. */
  final AtomicInteger made = new AtomicInteger();

  /** At both stops of each getppid. */
  final SyscallListener injecting = listener(Interest.of("getppid"), this::inject, this::inject);

  /** The guest "remote". */
  abstract ProcessBuilder remote(Object... words);

  final void inject(SyscallStop call) {
    assertEquals(call.pid(), call.syscall("getpid"));
    assertEquals(call.tid(), call.syscall("gettid"));
    made.incrementAndGet();
  }

  @Test
  void queuedSignalsArriveAllAndInOrder() {
    Outcome outcome = Outcome.traced(remote("queued", 1500), injecting);
    assertEquals("got=1500 disorder=0 mask same\n", outcome.stdout());
    assertTrue(made.get() > 0, made::toString);
  }

  @Test
  void blockedSignalsStayBlockedAndPending() {
    Outcome outcome = Outcome.traced(remote("blocked"), injecting);
    assertEquals("mask same, pending same, 0 handled, then 5\n", outcome.stdout());
    assertEquals(40, made.get());
  }

  @Test
  void aWaitWithAnotherSignalMaskIsEndedByItsSignal() {
    List<Throwable> refusals = new ArrayList<>();
    SyscallListener both =
        listener(
            Interest.of("rt_sigsuspend", "rt_sigreturn"),
            this::inject,
            call -> {
              if (call.name().equals("rt_sigreturn")) {
                inject(call);
              } else {
                // The kernel still has the program's own mask in its keeping.
                refusals.add(
                    assertThrows(IllegalTraceeStateException.class, () -> call.syscall("getpid")));
              }
            });
    Outcome outcome = Outcome.traced(remote("suspends", 60), both);
    assertEquals("bad=0\n", outcome.stdout());
    assertTrue(made.get() >= 180, made::toString);
    assertTrue(refusals.size() >= 60, refusals::toString);
  }

  @Test
  void aCallIsMadeAtTheReturnFromASignalsHandlerToo() {
    SyscallListener atReturn = onExit("rt_sigreturn", this::inject);
    Outcome outcome = Outcome.traced(remote("handlers", 50), atReturn);
    assertEquals("same\n", outcome.stdout());
    assertTrue(made.get() >= 50, made::toString);
  }
}
