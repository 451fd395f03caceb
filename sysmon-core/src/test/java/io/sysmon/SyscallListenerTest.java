package io.sysmon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Listeners that are said in a word. */
class SyscallListenerTest {
  @Test
  void aListenerOfEntriesWantsNoExit() {
    SyscallListener listener = SyscallListener.onEnter(Interest.of("openat"), call -> {});
    assertEquals(Interest.enter("openat").toString(), listener.interest().toString());
  }

  @Test
  void aListenerOfExitsWantsNoEntry() {
    SyscallListener listener = SyscallListener.onExit(Interest.allBut("openat"), call -> {});
    assertEquals("Interest[enter=[], exit=all but [openat]]", listener.interest().toString());
  }

  @Test
  void aListenerThatWouldNeverBeCalledIsRefused() {
    Interest exits = Interest.exit("openat");
    Throwable refused =
        assertThrows(
            IllegalArgumentException.class, () -> SyscallListener.onEnter(exits, call -> {}));
    assertTrue(refused.getMessage().endsWith("selects no entry of a call"), refused::getMessage);
    assertThrows(
        IllegalArgumentException.class,
        () -> SyscallListener.onExit(Interest.enter("openat"), call -> {}));
  }
}
