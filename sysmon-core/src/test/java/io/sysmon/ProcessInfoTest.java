package io.sysmon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProcessInfoTest {
  @Test
  void whatIsKnownOfThisJvm() throws Exception {
    int pid = (int) ProcessHandle.current().pid();
    ProcessInfo self = ProcessInfo.of(pid).orElseThrow();
    assertEquals("java", self.name());
    assertEquals(ProcessHandle.current().parent().orElseThrow().pid(), self.parentPid());
    assertEquals(Optional.of(Path.of("/proc/self/exe").toRealPath().toString()), self.executable());
    assertTrue(self.commandLine().get(0).endsWith("java"));
    assertEquals(System.getProperty("user.name"), self.user());
    assertFalse(self.isKernelThread());
    assertEquals(self, ProcessInfo.of(pid).orElseThrow());
  }

  @Test
  void ofAProcessThatHasEndedNothingMoreIsRead() throws Exception {
    Process process = new ProcessBuilder("sleep", "1000").start();
    ProcessInfo info = ProcessInfo.of((int) process.pid()).orElseThrow();
    process.destroyForcibly().waitFor();
    assertEquals(Optional.empty(), ProcessInfo.of((int) process.pid()));
    assertEquals(Optional.empty(), info.executable());
    assertEquals(List.of(), info.commandLine());
    assertEquals(OptionalLong.empty(), info.uid());
    assertEquals("", info.user());
    assertEquals("/", info.cgroup());
  }

  @Test
  void aLaterProcessOfTheSameNumberIsAnother() {
    String later = "7 (x) S 1 7 7 0 -1 0" + " 0".repeat(12) + " 2 0";
    ProcessInfo process = ProcessInfo.parse(7, later.replace(" 2 0", " 1 0"));
    assertNotEquals(process, ProcessInfo.parse(7, later));
    assertEquals(process, ProcessInfo.parse(7, later.replace(" 2 0", " 1 5")));
  }

  @Test
  void aKernelThreadIsKnownByItsFlags() {
    String stat = "2 (kthreadd) S 0 0 0 0 -1 FLAGS" + " 0".repeat(12) + " 1 0";
    assertTrue(ProcessInfo.parse(2, stat.replace("FLAGS", "2129984")).isKernelThread());
    assertFalse(ProcessInfo.parse(2, stat.replace("FLAGS", "4194560")).isKernelThread());
  }
}
