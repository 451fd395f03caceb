package io.sysmon.tests.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.ProcessInfo;
import io.sysmon.SystemTrace;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.monitor.Selection;
import io.sysmon.tests.support.Stranger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of some running processes are attached, by path, user and control group. */
class SelectedProcessesTest {
  private static final Set<String> ALL = Set.of();
  private static final List<String> NONE = List.of();

  /** The pids of those that are traced; of other processes than these, none is. */
  private static Set<Integer> selected(Selection selection, Stranger... processes) {
    Set<Integer> pids = Set.of(processes).stream().map(Stranger::pid).collect(Collectors.toSet());
    try (Tracer tracer = Tracer.builder().build();
        SystemTrace system =
            tracer.attachAll(process -> pids.contains(process.pid()) && selection.test(process))) {
      assertEquals(List.of(), system.refused());
      return tracer.tracees().stream().map(TraceeHandle::pid).collect(Collectors.toSet());
    }
  }

  private static Stranger program(String... words) {
    Stranger program = Stranger.program(new ProcessBuilder(words));
    assertEquals("ready", program.ask("echo ready"));
    return program;
  }

  @Test
  void programsAreLeftOutByTheirPathOrName(@TempDir Path directory) throws Exception {
    Path copy = Files.copy(Path.of("/bin/sh"), directory.toRealPath().resolve("copy"));
    assertEquals(true, copy.toFile().setExecutable(true));
    try (Stranger shell = program("/bin/sh");
        Stranger other = program(copy.toString())) {
      Set<Integer> both = Set.of(shell.pid(), other.pid());
      for (String pattern : List.of(copy.toString(), copy.getParent() + "/**", "copy", "c*y")) {
        assertEquals(
            Set.of(shell.pid()),
            selected(new Selection(ALL, NONE, List.of(pattern)), shell, other));
        assertEquals(
            Set.of(other.pid()),
            selected(new Selection(ALL, List.of(pattern), NONE), shell, other));
      }
      assertEquals(both, selected(new Selection(ALL, NONE, List.of("/copy")), shell, other));
    }
  }

  @Test
  void processesAreSelectedByTheirUser() {
    assumeTrue(System.getProperty("user.name").equals("root"), "Only root becomes another user");
    try (Stranger root = program("/bin/sh");
        Stranger nobody =
            program("/usr/bin/setpriv", "--reuid=65534", "--clear-groups", "/bin/sh")) {
      assertEquals(
          Set.of(nobody.pid()),
          selected(new Selection(Set.of("nobody"), NONE, NONE), root, nobody));
      assertEquals(
          Set.of(root.pid()), selected(new Selection(Set.of("root"), NONE, NONE), root, nobody));
    }
  }

  @Test
  void processesAreLeftOutByTheirControlGroup() {
    try (Stranger shell = program("/bin/sh")) {
      String group = ProcessInfo.of(shell.pid()).orElseThrow().cgroup();
      assertEquals(Set.of(), selected(new Selection(ALL, NONE, List.of("cgroup:" + group)), shell));
      assertEquals(
          Set.of(shell.pid()),
          selected(new Selection(ALL, List.of("cgroup:" + group), List.of("cgroup:/no")), shell));
    }
  }
}
