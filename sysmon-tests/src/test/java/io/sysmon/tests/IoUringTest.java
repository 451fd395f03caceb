package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.SameAgain;
import io.sysmon.tests.support.Stranger;
import java.nio.file.Path;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel's own threads in a process (create_io_thread(), untraced) read and write for it, live
 * on when it seems to have none, and end with it.
 */
class IoUringTest {
  private static final String NOT_ALLOWED = "io_uring is not allowed here";

  private static Outcome sameAsUntraced(String mode) {
    ProcessBuilder command = Alike.guest("iouring", mode);
    Outcome outcome = Alike.run(command);
    assumeTrue(isAllowed(outcome), NOT_ALLOWED);
    assertEquals(outcome, Outcome.traced(command, new SameAgain()), "rewritten");
    return outcome;
  }

  private static boolean isAllowed(Outcome outcome) {
    return outcome.exitValue() != 77;
  }

  private static int tasks(String mode) {
    Contract contract = Contract.of(Interest.all());
    Outcome.traced(Alike.guest("iouring", mode), contract);
    contract.verify();
    return contract.starts();
  }

  @Test
  void filesAreReadAndWrittenByWorkers() {
    assertEquals(new Outcome("0 wrong, with workers\n", "", 5), sameAsUntraced("files"));
    assertEquals(1, tasks("files"));
  }

  @Test
  void aThreadOfTheKernelLooksForSubmissions() {
    assertEquals(new Outcome("0 wrong, with workers\n", "", 5), sameAsUntraced("polled"));
    assertEquals(1, tasks("polled"));
  }

  @Test
  void aWorkerThatWaitsIsNotDisturbedByAnAttach(@TempDir Path directory) throws Exception {
    assumeTrue(isAllowed(Outcome.bare(Alike.guest("iouring", "files"))), NOT_ALLOWED);
    Contract contract = Contract.of(Interest.all());
    try (Stranger guest = Stranger.guest("iouring", "waits", directory.resolve("fifo"));
        Tracer tracer = Tracer.builder().listener(contract).build()) {
      assertEquals("waits", guest.line());
      for (int i = 0; i < 5; i++) {
        TraceeHandle tracee = tracer.attach(guest.pid());
        assertEquals(1, tracee.tasks().size());
        assertEquals("hello " + i, guest.ask("hello " + i));
        tracee.detach();
      }
      assertEquals("opened 1", guest.ask("write"));
    }
    assertEquals(5, contract.starts());
  }

  @RepeatedTest(2)
  void workersThatWaitEndWithTheirProcess() {
    assertEquals("child exited 6\nchild killed by 9\n".repeat(5), sameAsUntraced("exit").stdout());
    assertEquals(11, tasks("exit"));
  }

  @RepeatedTest(2)
  void workersThatWaitEndWhenTheirProcessBecomesAnotherProgram() {
    assertEquals(new Outcome("without workers\n", "", 7), sameAsUntraced("exec"));
    assertEquals(1, tasks("exec"));
  }
}
