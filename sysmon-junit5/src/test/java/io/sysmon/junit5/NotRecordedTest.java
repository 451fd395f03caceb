package io.sysmon.junit5;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of calls that are not in the record, assertions say that they do not know. */
class NotRecordedTest {
  @TempDir Path directory;

  private static void isRefused(Run run, String missing, Consumer<RunAssert> assertion) {
    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, () -> assertion.accept(run.check()));
    assertTrue(refusal.getMessage().contains(": " + missing + "; "), refusal::getMessage);
  }

  @Test
  void assertionsRefuseWhenTheirCallsWereNotRecorded(@Traced Harness harness) throws Exception {
    Run run =
        harness
            .command("sh", "-c", "echo 1 > a.db")
            .directory(directory)
            .record(Interest.of("read"))
            .run();
    String opening = "creat, open, openat, openat2";
    isRefused(run, opening, check -> check.opens("*.db"));
    isRefused(run, opening, check -> check.opensOnly(RunAssert.SYSTEM));
    IllegalStateException refusal =
        assertThrows(
            IllegalStateException.class, () -> run.check().touchesNothingOutside(Path.of("/no")));
    assertTrue(refusal.getMessage().contains(" openat, "), refusal::getMessage);
    assertTrue(refusal.getMessage().contains(" unlinkat, "), refusal::getMessage);
    isRefused(run, "socket", RunAssert::makesNoNetworkCall);
    isRefused(run, "connect", check -> check.connectsTo("127.0.0.1:80"));
    isRefused(run, "execve, execveat", check -> check.executes("sh"));
    isRefused(run, "execve, execveat", check -> check.executesWithEnvironment("sh", "A=b"));
    isRefused(
        run, "pwrite64, pwritev, pwritev2, write, writev", check -> check.writes("a.db", "1"));
    isRefused(run, "write", check -> check.callsInOrder("read(*", "write(*"));
    isRefused(run, "fsync", check -> check.callsInOrder("fsync*"));
    run.check().exitsWith(0).callsInOrder("read(*");
  }

  @Test
  void aCallOfWhichOnlyTheEntryIsSeenIsNotRecorded(@Traced Harness harness) throws Exception {
    Run run = harness.command("true").record(Interest.enter("socket")).run();
    isRefused(run, "socket", RunAssert::makesNoNetworkCall);
  }

  @Test
  void whatIsInTheRecordIsToldAlthoughOtherCallsAreNot(@Traced Harness harness) throws Exception {
    Run run =
        harness
            .command("sh", "-c", "echo 1 > a.db")
            .directory(directory)
            .record(Interest.of("openat", "write"))
            .run();
    run.check().opens("a.db").writes("a.db", "1\n").callsInOrder("write(*");
    isRefused(run, "creat, open, openat2", check -> check.opensOnly(List.of("/**")));
  }
}
