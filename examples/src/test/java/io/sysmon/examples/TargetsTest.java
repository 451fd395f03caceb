package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
  @ParameterizedTest
  @ValueSource(strings = {"1000001,1000002", "1000001 1000002", "\t1000001 ,\n1000002\n"})
  void idsAreSeparatedAsPidofAndPgrepDo(String list) {
    Targets targets = Targets.parse(List.of(list));
    assertEquals(2, targets.size());
    assertTrue(targets.names(1_000_001));
    assertTrue(targets.names(1_000_002));
  }

  @Test
  void anIdThatIsNamedTwiceIsOne() {
    assertEquals(1, Targets.parse(List.of("1000001", "1000001,1000001")).size());
  }

  @Test
  void aThreadBelongsToItsProcess() {
    int self = (int) ProcessHandle.current().pid();
    int thread = threadOfThisProcess();
    Targets targets = Targets.parse(List.of(thread + " " + self));
    assertEquals(Set.of(self), targets.processes());
    assertEquals(List.of(thread, self), targets.of(self));
  }

  private static int threadOfThisProcess() {
    for (String name : new File("/proc/self/task").list()) {
      int tid = Integer.parseInt(name);
      if (tid != ProcessHandle.current().pid()) {
        return tid;
      }
    }
    throw new AssertionError("A JVM has threads");
  }
}
