package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Listener;
import io.sysmon.SyscallEnter;
import io.sysmon.tests.support.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a program is told of the length of a write whose bytes are others than its own. */
class LengthsTest {
  private static final String FULL = "-1 Resource temporarily unavailable; 4096 read, 0 strange\n";

  /** At each write to standard output. */
  private static Listener writes(Consumer<SyscallEnter> change) {
    return onEnter(
        "write",
        call -> {
          if (call.arg(0) == 1) {
            change.accept(call);
          }
        });
  }

  private static Listener replacing(String text) {
    return writes(call -> call.replaceBuffer(1, 2, bytes(text), true));
  }

  private static Listener relocating(String text) {
    return writes(call -> call.relocateBuffer(1, 2, bytes(text), true));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The guest's two lines, each written by one call. */
  private static void assertWrittenAtOnce(String text, Listener... listeners) {
    Outcome outcome = Outcome.traced(guest("lengths", "lines", 2), listeners);
    assertEquals(new Outcome(text.repeat(2), "1 calls\n1 calls\n", 0), outcome);
  }

  @Test
  void aBufferWhoseOriginalLengthIsReportedIsNotRetried() {
    assertWrittenAtOnce("hi\n", replacing("hi\n"));
    assertWrittenAtOnce("a longer line than it was\n", relocating("a longer line than it was\n"));
    assertWrittenAtOnce("", replacing(""));
    assertWrittenAtOnce("", relocating(""));
  }

  @Test
  void severalListenersThatReportTheLengthReportTheProgramsOwn() {
    assertWrittenAtOnce("3rd\n", replacing("second\n"), replacing("3rd\n"));
    assertWrittenAtOnce(
        "the fourth one, long\n",
        replacing("second\n"),
        replacing("3rd\n"),
        relocating("the fourth one, long\n"));
    assertWrittenAtOnce("2\n", relocating("a longer line than it was\n"), replacing("2\n"));
  }

  @Test
  void aBufferWhoseOwnLengthIsReportedIsAPartialWrite() {
    AtomicInteger count = new AtomicInteger();
    Listener once =
        writes(
            call -> {
              if (count.getAndIncrement() == 0) {
                call.replaceBuffer(1, 2, bytes("HELLO"), false);
              }
            });
    assertEquals(
        new Outcome("HELLO, world\n", "2 calls\n", 0),
        Outcome.traced(guest("lengths", "lines", 1), once));
  }

  @ParameterizedTest
  @CsvSource({"6000, 4096", "4500, 4096", "4096, 5000"})
  void partialWritesAndFailuresArePassedThrough(int length, int told) {
    Listener filler =
        onEnter(
            "write",
            call -> {
              if (call.arg(2) == 5000) {
                call.relocateBuffer(1, 2, bytes("B".repeat(length)), true);
              }
            });
    assertEquals(
        new Outcome(told + ", then " + FULL, "", 0),
        Outcome.traced(guest("lengths", "full_pipe"), filler));
  }

  @Test
  void scratchIsNotBelowTheStackPointer() {
    AtomicInteger relocated = new AtomicInteger();
    Listener mover =
        writes(
            call -> {
              long stack = call.stackPointer();
              byte[] below = call.memory().read(stack - 4096, 4096);
              call.relocateBuffer(1, 2, bytes("elsewhere\n"), true);
              assertTrue(Math.abs(call.arg(1) - stack) > 65_536);
              assertArrayEquals(below, call.memory().read(stack - 4096, 4096));
              relocated.incrementAndGet();
            });
    assertWrittenAtOnce("elsewhere\n", mover);
    assertEquals(2, relocated.get());
  }
}
