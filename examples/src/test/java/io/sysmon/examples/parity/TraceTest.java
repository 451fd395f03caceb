package io.sysmon.examples.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceTest {
  @Test
  void callsThatWereCutOffAndWentOnAreWholeLines() {
    Trace trace =
        Trace.of(
            List.of(
                "12 read(3,  <unfinished ...>",
                "13 close(3) = 0",
                "12 <... read resumed>\"x\", 1) = 1",
                "13 pause( <unfinished ...>"));
    assertEquals(
        Map.of(
            "0", List.of("read(3, \"x\", 1) = 1"),
            "1", List.of("close(3) = 0")),
        trace.tasks());
  }

  @Test
  void tasksAreNamedByWhoMadeThemAndWhen() {
    Trace trace =
        Trace.of(
            List.of(
                "40 fork()   = 42",
                "42 getpid() = 42",
                "40 clone(child_stack=NULL, flags=CLONE_PARENT_SETTID, parent_tid=[9]) = 9",
                "9  kill(42, SIGTERM) = 0",
                "42 +++ killed by SIGTERM +++"));
    assertEquals(List.of("0", "0.0", "0.1"), List.copyOf(trace.tasks().keySet()));
    assertEquals(
        List.of("getpid() = TASK0.0", "+++ killed by SIGTERM +++"), trace.tasks().get("0.0"));
    assertEquals(List.of("kill(TASK0.0, SIGTERM) = 0"), trace.tasks().get("0.1"));
  }

  @Test
  void whatDiffersFromRunToRunIsReplaced() {
    assertSame("mmap(NULL, 1) = 0x7f00deadb000", "mmap(NULL, 1)        = 0x7fb6b00be000");
    assertSame("getppid() = 100", "getppid() = 200");
    assertSame("close(3<pipe:[123456]>) = 0", "close(3<pipe:[654321]>) = 0");
    assertSame("close(3<UNIX-STREAM:[12345->12346]>)", "close(3<UNIX-STREAM:[22345->22346]>)");
    assertSame("close(3<TCP:[[::1]:40000->[::1]:80]>)", "close(3<TCP:[[::1]:40001->[::1]:80]>)");
    assertSame("unlink(\"/tmp/ccAbCdEf.s\") = 0", "unlink(\"/tmp/cc012345.s\") = 0");
    assertSame(
        "nanosleep({tv_sec=1, tv_nsec=5}, NULL) = 0", "nanosleep({tv_sec=2, tv_nsec=6}, NULL) = 0");
  }

  @Test
  void whatATracerMayPrintDifferentlyIsLeft() {
    assertDifferent(
        "open(\"a\", 0x1000000 /* O_??? */) = 3", "open(\"a\", 0x2000000 /* O_??? */) = 3");
    assertDifferent("close(3<UNIX:[12345->12346]>) = 0", "close(3<UNIX:[12345]>) = 0");
    assertDifferent("close(3<UDP:[127.0.0.1:40000]>) = 0", "close(3<UDP:[12345]>) = 0");
    assertDifferent("mmap(NULL, 8) = 0x7f00deadb000", "mmap(NULL, 8) = 139637976723456");
    assertDifferent("rseq(0x7f00deadb000, 0x20)  = 0", "rseq(0x7f00deadb000, 32) = 0");
    assertDifferent("read(3, \"ab\", 2) = 2", "read(3, \"ab\"..., 2) = 2");
  }

  private static Comparison compare(String expected, String actual) {
    return Comparison.of(Trace.of(List.of("1 " + expected)), Trace.of(List.of("1 " + actual)));
  }

  private static void assertSame(String expected, String actual) {
    assertEquals(List.of(), compare(expected, actual).differences());
  }

  private static void assertDifferent(String expected, String actual) {
    assertEquals(1, compare(expected, actual).differences().size());
  }
}
