package io.sysmon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OtherProcessesTest {
  /** sshd 10, its shell 11, in it the JVM 20 | less 21; the JVM's 30 with a child 31; others. */
  private static final Map<Integer, Integer> PARENTS =
      Map.of(1, 0, 10, 1, 11, 10, 20, 11, 21, 11, 30, 20, 31, 30, 40, 1, 41, 11);

  private static final int PIPELINE = 20;

  private static ProcessInfo process(int pid, int group) {
    return ProcessInfo.parse(
        pid,
        pid
            + " (a b) c) S "
            + PARENTS.get(pid)
            + " "
            + group
            + " 11 0 -1 4194304"
            + " 0".repeat(12)
            + " 77 0");
  }

  private static List<Integer> admitted() {
    OtherProcesses others = new OtherProcesses(20, PIPELINE, pid -> PARENTS.getOrDefault(pid, 0));
    return PARENTS.keySet().stream()
        .sorted()
        .filter(pid -> others.test(process(pid, pid == 20 || pid == 21 ? PIPELINE : pid)))
        .toList();
  }

  @Test
  void oneselfOnesOwnAndWhatOneWasStartedFromAreLeftOut() {
    // The first process, a service, and what the same shell runs besides.
    assertEquals(List.of(1, 40, 41), admitted());
  }

  @Test
  void aRingOfParentsThatChangedWhileTheyWereReadEndsTheSearch() {
    OtherProcesses others = new OtherProcesses(20, PIPELINE, pid -> pid == 5 ? 6 : 5);
    assertEquals(true, others.test(process(40, 40)));
  }

  @Test
  void theNameOfAProcessMayHaveParenthesesAndBlanks() {
    ProcessInfo process = process(41, 41);
    assertEquals("a b) c", process.name());
    assertEquals(11, process.parentPid());
    assertEquals(77, process.startTicks());
  }
}
