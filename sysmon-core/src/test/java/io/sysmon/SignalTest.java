package io.sysmon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SignalTest {
  @Test
  void standardSignalsHaveTheirNumbers() {
    assertEquals(1, Signal.SIGHUP.number());
    assertEquals(9, Signal.SIGKILL.number());
    assertEquals(17, Signal.SIGCHLD.number());
    assertEquals(31, Signal.SIGSYS.number());
    assertEquals("SIGCHLD", Signal.SIGCHLD.name());
  }

  @Test
  void realTimeSignalsAreNamedAsStraceNamesThem() {
    assertEquals("SIGRTMIN", Signal.of(32).name());
    assertEquals("SIGRT_1", Signal.of(33).name());
    assertEquals("SIGRT_32", Signal.of(64).name());
  }

  @Test
  void thereIsOneObjectASignal() {
    for (int number = 0; number <= 64; number++) {
      assertSame(Signal.of(number), Signal.of(number));
    }
    assertSame(Signal.SIGTERM, Signal.of(15));
  }

  @Test
  void onlyTheFourJobControlSignalsStop() {
    int[] stopping =
        IntStream.rangeClosed(0, 64).filter(number -> Signal.of(number).isStopping()).toArray();
    assertEquals("[19, 20, 21, 22]", java.util.Arrays.toString(stopping));
    assertTrue(Signal.SIGTTOU.isStopping());
  }

  @Test
  void namesAreFoundWithAndWithoutPrefixInAnyCase() {
    assertSame(Signal.SIGINT, Signal.find("SIGINT").orElseThrow());
    assertSame(Signal.SIGINT, Signal.find("int").orElseThrow());
    assertSame(Signal.of(33), Signal.find("rt_1").orElseThrow());
    assertTrue(Signal.find("SIGNAL").isEmpty());
    assertTrue(Signal.find("").isEmpty());
  }

  @Test
  void aNumberThatIsNoSignalIsStillAValue() {
    assertEquals("SIG_99", Signal.of(99).name());
    assertEquals(Signal.of(99), Signal.of(99));
    assertFalse(Signal.of(99).exists());
    assertFalse(Signal.of(0).exists());
    assertFalse(Signal.of(-1).exists());
    assertTrue(Signal.of(64).exists());
  }
}
