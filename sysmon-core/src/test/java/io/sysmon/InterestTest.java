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
  void allButLeavesOutTheNamedCallsAndNotWhatHasNoName() {
    Interest interest = Interest.allBut("read", "%clock");
    assertFalse(interest.wantsEnter("read"));
    assertFalse(interest.wantsExit("clock_gettime"));
    assertTrue(interest.wantsExit("write"));
    assertTrue(interest.wantsEnter("syscall_0x1f4"));
    assertFalse(interest.isEmpty());
  }

  @Test
  void whatOneSideLeavesOutTheOtherMaySelect() {
    Interest interest = Interest.allBut("read", "write", "close").and(Interest.enter("read"));
    assertTrue(interest.wantsEnter("read"));
    assertFalse(interest.wantsExit("read"));
    Interest both = Interest.enter("read").and(Interest.allBut("read", "write"));
    assertTrue(both.wantsEnter("read"));
    assertFalse(both.wantsEnter("write"));
    Interest rest = Interest.allBut("read", "write").and(Interest.allBut("write", "close"));
    assertTrue(rest.wantsEnter("read"));
    assertTrue(rest.wantsExit("close"));
    assertFalse(rest.wantsExit("write"));
    assertTrue(Interest.all().and(Interest.of("read")).wantsEnter("read"));
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

  @Test
  void aNameThatIsNullIsNamedAsSuch() {
    NullPointerException e =
        assertThrows(NullPointerException.class, () -> Interest.of("read", null));
    assertTrue(e.getMessage().contains("name of a system call"), e::toString);
  }
}
