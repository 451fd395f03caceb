package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.decode.SyscallSignature;
import io.sysmon.decode.SyscallTable;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        counts.table(SummaryOrder.TIME));
  }

  @Test
  void callsOfEqualTimeAreInTheOrderOfTheirNumbers() {
    counts.add(call("execve"), false, 0);
    counts.add(call("read"), false, 0);
    String[] lines = counts.table(SummaryOrder.TIME).split("\n", -1);
    assertEquals("  0.00    0.000000           0         1           read", lines[2]);
    assertEquals("  0.00    0.000000           0         1           execve", lines[3]);
    assertEquals("100.00    0.000000           0         2           total", lines[5]);
  }

  @Test
  void nothingCountedIsNoTable() {
    assertEquals("", counts.table(SummaryOrder.TIME));
  }

  @ParameterizedTest
  @CsvSource({
    "time, openat read close",
    "calls, close openat read",
    "errors, openat read close",
    "name, close openat read",
    "avg_time, openat read close",
    "max-time, openat read close",
    "min_time, read openat close",
    "nothing, read close openat"
  })
  void theTableIsSortedAsAskedFor(String order, String names) {
    counts.add(call("read"), false, 40_000);
    counts.add(call("openat"), false, 90_000);
    counts.add(call("openat"), true, 10_000);
    counts.add(call("close"), false, 3_000);
    counts.add(call("close"), false, 2_000);
    counts.add(call("close"), false, 1_000);
    String[] lines = counts.table(SummaryOrder.parse(order)).split("\n", -1);
    List<String> sorted =
        Stream.of(lines).skip(2).limit(3).map(line -> line.replaceFirst(".* ", "")).toList();
    assertEquals(names, String.join(" ", sorted));
  }
}
