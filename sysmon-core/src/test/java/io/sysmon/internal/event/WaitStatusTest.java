package io.sysmon.internal.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitStatusTest {
  private static final int SIGTRAP = 5;
  private static final int EVENT_STOP = 128;

  private static int stopped(int signal, int event) {
    return event << 16 | signal << 8 | 0x7f;
  }

  @Property
  void everyExitCodeIsRead(@ForAll @IntRange(min = 0, max = 255) int code) {
    assertEquals(StopKind.EXITED, WaitStatus.kind(code << 8));
    assertEquals(code, WaitStatus.exitCode(code << 8));
  }

  @Property
  void everyFatalSignalIsReadWithAndWithoutCore(
      @ForAll @IntRange(min = 1, max = 64) int signal, @ForAll boolean core) {
    int status = signal | (core ? 0x80 : 0);
    assertEquals(StopKind.KILLED, WaitStatus.kind(status));
    assertEquals(signal, WaitStatus.killSignal(status));
    assertEquals(core, WaitStatus.coreDumped(status));
  }

  @Property
  void aStopForASignalKeepsTheSignal(@ForAll @IntRange(min = 1, max = 64) int signal) {
    assertEquals(StopKind.SIGNAL, WaitStatus.kind(stopped(signal, 0)));
    assertEquals(signal, WaitStatus.stopSignal(stopped(signal, 0)));
  }

  @Test
  void aSyscallStopIsToldFromASigtrap() {
    assertEquals(StopKind.SYSCALL, WaitStatus.kind(stopped(SIGTRAP | 0x80, 0)));
    assertEquals(StopKind.SIGNAL, WaitStatus.kind(stopped(SIGTRAP, 0)));
  }

  @ParameterizedTest
  @CsvSource({"1, FORK", "2, VFORK", "3, CLONE", "4, EXEC", "5, OTHER", "6, OTHER", "7, SECCOMP"})
  void ptraceEventsAreTold(int event, StopKind kind) {
    assertEquals(kind, WaitStatus.kind(stopped(SIGTRAP, event)));
  }

  @ParameterizedTest
  @CsvSource({"19, GROUP_STOP", "20, GROUP_STOP", "21, GROUP_STOP", "22, GROUP_STOP", "5, TRAP"})
  void anEventStopIsAGroupStopIfItsSignalStops(int signal, StopKind kind) {
    assertEquals(kind, WaitStatus.kind(stopped(signal, EVENT_STOP)));
  }

  @Property
  void anyWordIsAnEndUnlessItsLowByteSaysStopped(@ForAll int status) {
    assertEquals((status & 0xff) != 0x7f, WaitStatus.kind(status).isEnd());
  }

  @Test
  void onlyExitAndDeathAreEnds() {
    for (StopKind kind : StopKind.values()) {
      if (kind == StopKind.EXITED || kind == StopKind.KILLED) {
        assertTrue(kind.isEnd());
      } else {
        assertFalse(kind.isEnd(), kind.name());
      }
    }
  }
}
