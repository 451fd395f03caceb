package io.sysmon.examples.parity;

import static io.sysmon.examples.parity.Difference.Kind.ARGUMENTS;
import static io.sysmon.examples.parity.Difference.Kind.EXTRA;
import static io.sysmon.examples.parity.Difference.Kind.MISSING;
import static io.sysmon.examples.parity.Difference.Kind.RESULT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  @Test
  void differencesAreToldByKind() {
    Comparison comparison =
        Comparison.of(
            List.of(
                "close(3) = 0", "read(4, 1) = 1", "pause() = 0", "kill(1, 2) = 0", "sync() = 0"),
            List.of(
                "close(3) = 0", "read(4, 0x1) = 1", "kill(1, 2) = -1", "sync() = 0", "dup() = 1"));
    List<Difference> differences = comparison.differences();
    assertEquals(
        List.of(ARGUMENTS, MISSING, RESULT, EXTRA),
        differences.stream().map(Difference::kind).toList());
    assertEquals(2, comparison.same());
    assertEquals(5, comparison.all());
    assertEquals(40, comparison.share());
  }

  @Test
  void allOfATaskThatOnlyOneTraceHasIsDifferent() {
    Trace one = new Trace(Map.of("0", List.of("close(3) = 0")));
    Trace two = new Trace(Map.of("0", List.of("close(3) = 0"), "0.0", List.of("pause() = ?", "x")));
    assertEquals(1, Comparison.of(one, two).same());
    assertEquals(3, Comparison.of(two, one).all());
  }

  /** By the definition of the longest common subsequence. */
  @Test
  void noAlignmentHasMoreIdenticalLines() {
    Random random = new Random(1);
    for (int round = 0; round < 500; round++) {
      List<String> left = lines(random);
      List<String> right = lines(random);
      assertEquals(longest(left, right), Comparison.of(left, right).same(), left + " " + right);
    }
  }

  private static List<String> lines(Random random) {
    List<String> lines = new ArrayList<>();
    int count = random.nextInt(12);
    for (int index = 0; index < count; index++) {
      lines.add(Integer.toString(random.nextInt(3)));
    }
    return lines;
  }

  private static int longest(List<String> left, List<String> right) {
    int[][] length = new int[left.size() + 1][right.size() + 1];
    for (int i = left.size() - 1; i >= 0; i--) {
      for (int j = right.size() - 1; j >= 0; j--) {
        length[i][j] =
            left.get(i).equals(right.get(j))
                ? length[i + 1][j + 1] + 1
                : Math.max(length[i + 1][j], length[i][j + 1]);
      }
    }
    return length[0][0];
  }
}
