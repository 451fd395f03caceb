package io.sysmon.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** The samples of a contest. */
final class Result {
  private final Contest contest;
  private final Map<String, double[]> samples;

  Result(Contest contest, Map<String, double[]> samples) {
    this.contest = contest;
    this.samples = samples;
  }

  boolean has(String name) {
    return samples.containsKey(name);
  }

  double median(String name) {
    return median(of(name));
  }

  /** The median of the rounds' ratios: what one took in a round to what the other took in it. */
  double ratio(String name, String to) {
    double[] one = of(name);
    double[] other = of(to);
    return median(IntStream.range(0, one.length).mapToDouble(i -> one[i] / other[i]).toArray());
  }

  private double[] of(String name) {
    double[] taken = samples.get(name);
    if (taken == null) {
      throw new IllegalArgumentException("No contestant of '" + contest.title() + "': " + name);
    }
    return taken;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Heading, method and table, in Markdown. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("### ").append(contest.title()).append("\n\n");
    text.append(contest.method()).append("\n\n");
    boolean compares = has(contest.reference());
    text.append("| | ").append(contest.unit().heading()).append(" | from … to |");
    text.append(compares ? " × " + contest.reference() + " |\n" : "\n");
    text.append(compares ? "|---|---:|---|---:|\n" : "|---|---:|---|\n");
    for (Map.Entry<String, double[]> one : samples.entrySet()) {
      text.append("| ").append(one.getKey());
      text.append(" | ").append(contest.unit().text(median(one.getValue())));
      double least = Arrays.stream(one.getValue()).min().orElseThrow();
      double most = Arrays.stream(one.getValue()).max().orElseThrow();
      text.append(" | ").append(contest.unit().text(least));
      text.append(" … ").append(contest.unit().text(most)).append(" |");
      if (compares) {
        text.append(' ').append(number(ratio(one.getKey(), contest.reference()))).append(" |");
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** A ratio with as many digits as mean something. */
  static String number(double ratio) {
    return String.format(Locale.ROOT, ratio < 10 ? "%.2f" : "%,.0f", ratio);
  }
}
