package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.decode.SyscallSignature;
import io.sysmon.decode.SyscallTable;
import org.junit.jupiter.api.Test;

class CallCountsTest {
  private final CallCounts counts = new CallCounts();

  private static SyscallSignature call(String name) {
    return SyscallTable.get().abi("x86_64").byName(name).orElseThrow();
  }

  @Test
  void theTableHasStracesLayoutMostTimeFirst() {
    counts.add(call("read"), false, 25_000);
    counts.add(call("openat"), false, 50_000);
    counts.add(call("openat"), true, 25_999);
    assertEquals(
        """
            % time     seconds  usecs/call     calls    errors syscall
            ------ ----------- ----------- --------- --------- ----------------
             75.25    0.000076          37         2         1 openat
             24.75    0.000025          25         1           read
            ------ ----------- ----------- --------- --------- ----------------
            100.00    0.000101          33         3         1 total
            """,
        counts.table());
  }

  @Test
  void callsOfEqualTimeAreInTheOrderOfTheirNumbers() {
    counts.add(call("execve"), false, 0);
    counts.add(call("read"), false, 0);
    String[] lines = counts.table().split("\n", -1);
    assertEquals("  0.00    0.000000           0         1           read", lines[2]);
    assertEquals("  0.00    0.000000           0         1           execve", lines[3]);
    assertEquals("100.00    0.000000           0         2           total", lines[5]);
  }

  @Test
  void nothingCountedIsNoTable() {
    assertEquals("", counts.table());
  }
}
