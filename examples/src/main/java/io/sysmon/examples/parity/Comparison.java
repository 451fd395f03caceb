package io.sysmon.examples.parity;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What two traces have in common, line by line in each task.
 *
 * @param same how many lines are identical
 * @param all how many there are: in each task, of the trace that has more
 * @param differences the others, in the order of tasks and lines
 */
public record Comparison(int same, int all, List<Difference> differences) {
  private static final int PERCENT = 100;

  /** Compares two traces task by task. */
  public static Comparison of(Trace expected, Trace actual) {
    Set<String> places = new TreeSet<>(expected.tasks().keySet());
    places.addAll(actual.tasks().keySet());
    Comparison sum = new Comparison(0, 0, List.of());
    for (String place : places) {
      sum = sum.plus(of(linesOf(expected, place), linesOf(actual, place)));
    }
    return sum;
  }

  private static List<String> linesOf(Trace trace, String place) {
    Map<String, List<String>> tasks = trace.tasks();
    return tasks.getOrDefault(place, List.of());
  }

  /** Compares the lines of one task with the fewest differences. */
  public static Comparison of(List<String> expected, List<String> actual) {
    boolean[] inBoth = new boolean[expected.size()];
    boolean[] inBothToo = new boolean[actual.size()];
    int same = new Alignment(expected, actual).mark(inBoth, inBothToo);
    List<Difference> differences = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < inBoth.length || j < inBothToo.length) {
      List<String> missing = new ArrayList<>();
      while (i < inBoth.length && !inBoth[i]) {
        missing.add(expected.get(i++));
      }
      List<String> extra = new ArrayList<>();
      while (j < inBothToo.length && !inBothToo[j]) {
        extra.add(actual.get(j++));
      }
      differences.addAll(Difference.pairs(missing, extra));
      i++;
      j++;
    }
    return new Comparison(
        same, Math.max(expected.size(), actual.size()), Collections.unmodifiableList(differences));
  }

  /** The sum of two. */
  public Comparison plus(Comparison other) {
    List<Difference> both = new ArrayList<>(differences);
    both.addAll(other.differences);
    return new Comparison(same + other.same, all + other.all, Collections.unmodifiableList(both));
  }

  /** The share of identical lines, in percent. */
  public double share() {
    return all == 0 ? PERCENT : (double) PERCENT * same / all;
  }

  /**
   * The longest common subsequence, after E. Myers, "An O(ND) difference algorithm and its
   * variations": quick where there are few differences.
   */
  private record Alignment(List<String> left, List<String> right) {
    /** Marks what is in both, and returns how many lines that are. */
    int mark(boolean[] inLeft, boolean[] inRight) {
      List<int[]> furthest = search();
      int i = left.size();
      int j = right.size();
      int marked = 0;
      for (int edits = furthest.size() - 1; edits >= 0; edits--) {
        int fromDiagonal = edits == 0 ? 0 : previousDiagonal(furthest.get(edits - 1), edits, i - j);
        int fromLeft = edits == 0 ? 0 : furthest.get(edits - 1)[fromDiagonal + edits];
        int fromRight = fromLeft - fromDiagonal;
        while (i > fromLeft && j > fromRight) {
          inLeft[--i] = true;
          inRight[--j] = true;
          marked++;
        }
        i = fromLeft;
        j = fromRight;
      }
      return marked;
    }

    /** Whether a diagonal is reached from the one above it or from the one below. */
    private static int previousDiagonal(int[] furthest, int edits, int diagonal) {
      boolean down =
          diagonal == -edits
              || (diagonal != edits
                  && furthest[diagonal - 1 + edits] < furthest[diagonal + 1 + edits]);
      return down ? diagonal + 1 : diagonal - 1;
    }

    /**
     * How far each diagonal is reached by each number of edits; diagonal {@code d} is at {@code d +
     * edits + 1}.
     */
    private List<int[]> search() {
      List<int[]> all = new ArrayList<>();
      int[] last = new int[3];
      for (int edits = 0; ; edits++) {
        int[] now = new int[2 * edits + 3];
        for (int diagonal = -edits; diagonal <= edits; diagonal += 2) {
          int i = 0;
          if (edits > 0) {
            int from = previousDiagonal(last, edits, diagonal);
            i = last[from + edits] + (from < diagonal ? 1 : 0);
          }
          int j = i - diagonal;
          while (i < left.size() && j < right.size() && left.get(i).equals(right.get(j))) {
            i++;
            j++;
          }
          now[diagonal + edits + 1] = i;
          if (i >= left.size() && j >= right.size()) {
            all.add(now);
            return all;
          }
        }
        all.add(now);
        last = now;
      }
    }
  }
}
