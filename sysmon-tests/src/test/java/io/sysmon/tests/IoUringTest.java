package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.SameAgain;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * The kernel's own threads in a process (create_io_thread(), untraced) read and write for it, live
 * on when it seems to have none, and end with it.
 */
class IoUringTest {
  private static Outcome sameAsUntraced(String mode) {
    ProcessBuilder command = Alike.guest("iouring", mode);
    Outcome outcome = Alike.run(command);
    assumeTrue(outcome.exitValue() != 77, "io_uring is not allowed here");
    assertEquals(outcome, Outcome.traced(command, new SameAgain()), "rewritten");
    return outcome;
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
