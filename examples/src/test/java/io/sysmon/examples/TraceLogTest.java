package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TraceLogTest {
  private static final int COLUMN = 20;
  private static final String ONE = "task one";
  private static final String TWO = "task two";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final LogOutput out =
      new LogOutput(
          bytes,
          true,
          e -> {
            throw new AssertionError(e);
          });
  private final TraceLog log =
      new TraceLog(out, (line, tid) -> line.append(tid).append(' '), COLUMN);

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aCallThatNothingInterruptsIsOneLine() {
    log.open(ONE, 1, "read(3, ");
    assertEquals("1 read(3, ", text());
    log.close(ONE, 1, "read", "\"x\", 1)", "1");
    assertEquals("1 read(3, \"x\", 1)   = 1\n", text());
  }

  @Test
  void resultsStandInTheirColumnUnlessTheCallIsLonger() {
    log.open(ONE, 1, "brk(");
    log.close(ONE, 1, "brk", ")", "0x1000");
    log.open(ONE, 1, "a_call_that_is_longer(");
    log.close(ONE, 1, "a_call_that_is_longer", ")", "0");
    log.open(ONE, 1, "just_17_char(1, 2");
    log.close(ONE, 1, "just_17_char", ")", "0");
    assertEquals(
        "1 brk()             = 0x1000\n1 a_call_that_is_longer() = 0\n1 just_17_char(1, 2) = 0\n",
        text());
  }

  @Test
  void aCallOfAnotherTaskCutsALineOff() {
    log.open(ONE, 1, "read(3, ");
    log.open(TWO, 2, "close(4");
    log.close(TWO, 2, "close", ")", "0");
    log.close(ONE, 1, "read", "\"\", 1)", "0");
    assertEquals(
        """
            1 read(3,  <unfinished ...>
            2 close(4)          = 0
            1 <... read resumed>"", 1) = 0
            """,
        text());
  }

  @Test
  void bothOfTwoInterleavedCallsAreCutOff() {
    log.open(ONE, 1, "pause(");
    log.open(TWO, 2, "pause(");
    log.close(ONE, 1, "pause", ")", "?");
    log.close(TWO, 2, "pause", ")", "?");
    assertEquals(
        """
            1 pause( <unfinished ...>
            2 pause( <unfinished ...>
            1 <... pause resumed>) = ?
            2 <... pause resumed>) = ?
            """,
        text());
  }

  @Test
  void linesAndNoticesCutALineOffToo() {
    log.open(ONE, 1, "fork(");
    log.notice("task 2 attached");
    log.line(2, "--- SIGUSR1 {} ---");
    log.close(ONE, 1, "fork", ")", "2");
    assertEquals(
        """
            1 fork( <unfinished ...>
            task 2 attached
            2 --- SIGUSR1 {} ---
            1 <... fork resumed>) = 2
            """,
        text());
  }

  @Test
  void aCallThatNeverReturnsTellsWhetherItsArgumentsAreAllThere() {
    log.open(ONE, 1, "exit(0");
    log.abandon(ONE, 1, "exit", true);
    log.open(ONE, 1, "read(3, ");
    log.abandon(ONE, 1, "read", false);
    log.open(ONE, 1, "read(3, ");
    log.line(2, "+++ killed by SIGKILL +++");
    log.abandon(ONE, 1, "read", false);
    assertEquals(
        """
            1 exit(0)           = ?
            1 read(3,  <unfinished ...>) = ?
            1 read(3,  <unfinished ...>
            2 +++ killed by SIGKILL +++
            1 <... read resumed> <unfinished ...>) = ?
            """,
        text());
  }
}
