package io.sysmon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.decode.SyscallTable;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MadeAgainTest {
  @Test
  void eachOfThemIsASystemCall() {
    List<String> unknown =
        MadeAgain.all().stream().filter(name -> !SyscallTable.get().isName(name)).toList();
    assertEquals(List.of(), unknown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll_wait", "semop", "ipc", "rt_sigtimedwait", "accept", "pread64"})
  void whatHasDoneNothingWhenInterruptedIsMadeAgain(String name) {
    assertTrue(MadeAgain.contains(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "ioctl", "unlink", "rename", "rt_sigreturn", "exit"})
  void whatMayHaveDoneSomethingIsNot(String name) {
    assertFalse(MadeAgain.contains(name));
  }
}
