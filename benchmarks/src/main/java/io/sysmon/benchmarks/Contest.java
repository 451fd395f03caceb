package io.sysmon.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Contestants that do the same work. One sample of each is taken in every round, so that what the
 * machine does besides meets all of them alike.
 */
final class Contest {
  private final String title;
  private final String method;
  private final Unit unit;
  private final String reference;
  private final Map<String, Sample> contestants = new LinkedHashMap<>();

  /**
   * A contest without contestants.
   *
   * @param title a heading
   * @param method what is measured and how, for the reader of the results
   * @param unit of the samples
   * @param reference the contestant that the table's ratios refer to
   */
  Contest(String title, String method, Unit unit, String reference) {
    this.title = title;
    this.method = method;
    this.unit = unit;
    this.reference = reference;
  }

  Contest add(String name, Sample sample) {
    contestants.put(name, sample);
    return this;
  }

  String title() {
    return title;
  }

  String method() {
    return method;
  }

  Unit unit() {
    return unit;
  }

  String reference() {
    return reference;
  }

  /** Takes the samples, after one round that does not count: caches and compilers warm up. */
  Result hold(int rounds) throws Exception {
    Map<String, double[]> samples = new LinkedHashMap<>();
    for (int round = -1; round < rounds; round++) {
      for (Map.Entry<String, Sample> contestant : contestants.entrySet()) {
        double taken = contestant.getValue().take();
        if (round >= 0) {
          samples.computeIfAbsent(contestant.getKey(), name -> new double[rounds])[round] = taken;
        }
      }
    }
    return new Result(this, samples);
  }
}
