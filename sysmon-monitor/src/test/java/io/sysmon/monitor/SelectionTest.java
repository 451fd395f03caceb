package io.sysmon.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sysmon.ProcessInfo;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static final ProcessInfo SELF =
      ProcessInfo.of((int) ProcessHandle.current().pid()).orElseThrow();

  private static boolean selects(Set<String> users, List<String> only, List<String> exclude) {
    return new Selection(users, only, exclude).test(SELF);
  }

  @Test
  void whatIsNotNamedIsSelectedIfNothingIs() {
    assertEquals(true, selects(Set.of(), List.of(), List.of()));
  }

  @Test
  void aProgramIsNamedByPathOrName() {
    String java = SELF.executable().orElseThrow();
    assertEquals(true, selects(Set.of(), List.of("cat", "java"), List.of()));
    assertEquals(true, selects(Set.of(), List.of(java), List.of()));
    assertEquals(false, selects(Set.of(), List.of("/bin/*"), List.of()));
    assertEquals(false, selects(Set.of(), List.of("java"), List.of("**/bin/java")));
    assertEquals(false, selects(Set.of(), List.of(), List.of("j*")));
  }

  @Test
  void aUserThatThereIsNotIsRefused() {
    BadPolicyException refusal =
        assertThrows(
            BadPolicyException.class,
            () -> new Selection(Set.of("nosuchuser"), List.of(), List.of()));
    assertEquals("there is no user 'nosuchuser'", refusal.getMessage());
  }

  @Test
  void aUserAndAControlGroupAreNamedToo() {
    assertEquals(true, selects(Set.of("daemon", SELF.user()), List.of(), List.of()));
    assertEquals(false, selects(Set.of("daemon"), List.of(), List.of()));
    assertEquals(true, selects(Set.of(), List.of("cgroup:/**"), List.of()));
    assertEquals(false, selects(Set.of(), List.of("cgroup:/no such group"), List.of()));
  }
}
