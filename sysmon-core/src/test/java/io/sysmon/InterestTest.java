package io.sysmon;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class InterestTest {
  @Test
  void enterSelectsOnlyTheEntryOfTheNamedCalls() {
    Interest interest = Interest.enter("openat", "read");
    assertTrue(interest.wantsEnter("openat"));
    assertTrue(interest.wantsEnter("read"));
    assertFalse(interest.wantsExit("openat"));
    assertFalse(interest.wantsEnter("write"));
  }

  @Test
  void bothSidesAreUnited() {
    Interest interest = Interest.enter("openat").and(Interest.exit("read"));
    assertTrue(interest.wantsEnter("openat"));
    assertTrue(interest.wantsExit("read"));
    assertFalse(interest.wantsExit("openat"));
    assertFalse(interest.wantsEnter("read"));
  }

  @Test
  void allSelectsAlsoWhatHasNoName() {
    assertTrue(Interest.all().wantsEnter("syscall_0x1f4"));
    assertTrue(Interest.all().wantsExit("syscall_0x1f4"));
    assertFalse(Interest.all().isEmpty());
  }

  @Test
  void noneIsEmpty() {
    assertTrue(Interest.none().isEmpty());
    assertTrue(Interest.none().and(Interest.none()).isEmpty());
    assertFalse(Interest.none().and(Interest.of("read")).isEmpty());
  }

  @Test
  void aNameGivenTwiceIsTheSameAsOnce() {
    assertTrue(Interest.of("read", "read").wantsExit("read"));
  }

  @Test
  void aTypingErrorIsRefusedWithSuggestions() {
    UnknownSyscallException e =
        assertThrows(UnknownSyscallException.class, () -> Interest.of("opneat"));
    assertTrue(String.valueOf(e.getMessage()).contains("openat"), e.getMessage());
  }

  @Test
  void aNameOfAnotherCpuIsKnown() {
    assertTrue(Interest.of("arch_prctl").wantsEnter("arch_prctl"));
    assertTrue(Interest.of("socketcall").wantsEnter("socketcall"));
  }

  @Test
  void noNameIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Interest.enter());
  }
}
