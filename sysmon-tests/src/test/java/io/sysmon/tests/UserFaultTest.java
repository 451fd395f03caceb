package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.BadAddressException;
import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Observer;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Stranger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs that serve their own page faults. Who reads a page of theirs that is not there waits for
 * a thread that may wait for the tracer: strace hangs.
 */
class UserFaultTest {
  private static final int NOT_HERE = 77;

  private final AtomicInteger notThere = new AtomicInteger();

  @ParameterizedTest
  @ValueSource(strings = {"call", "device"})
  void pagesThatAreNotThereAreNotWaitedFor(String way) {
    assumeTrue(
        way.equals("call") || Files.isWritable(Path.of("/dev/userfaultfd")),
        "There is no /dev/userfaultfd");
    Outcome outcome = Alike.run(Alike.guest("userfaults", way));
    assumeFalse(outcome.exitValue() == NOT_HERE, outcome.stdout());
    assertEquals(
        new Outcome(
            """
            open: No such file or directory
            write: 13
            read: 13
            /no/such/file /no/such/file
            write: 20
            """,
            "",
            0),
        outcome);
  }

  @Test
  void norInAProgramThatWasAttachedWithItsDescriptor() throws InterruptedException {
    try (Stranger guest = Stranger.guest("userfaults", "told");
        Tracer tracer = Tracer.builder().listener(new Observer()).build()) {
      String first = guest.line();
      assumeTrue(first.equals("ready"), first);
      TraceeHandle tracee = tracer.attach(guest.pid());
      assertEquals("open: No such file or directory", guest.ask("go on"));
      tracee.detach();
      assertEquals(
          "write: 13\nread: 13\n/no/such/file /no/such/file\nwrite: 20\nsaw it exited 0\n",
          guest.end());
    }
  }

  /** The same by the memory of a process, which a callback may use too. */
  @Test
  void aCallbackReadsByTheHandleToo() {
    SyscallListener reader =
        SyscallListener.onEnter(
            Interest.enter("openat"),
            call -> {
              try {
                assertEquals(1, call.task().tracee().memory().read(call.arg(1), 1).length);
              } catch (BadAddressException e) {
                notThere.incrementAndGet();
              }
            });
    Outcome outcome = Outcome.traced(Alike.guest("userfaults", "call"), reader);
    assumeFalse(outcome.exitValue() == NOT_HERE, outcome.stdout());
    assertEquals(0, outcome.exitValue());
    assertEquals(1, notThere.get());
  }
}
