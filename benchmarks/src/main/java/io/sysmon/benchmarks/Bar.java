package io.sysmon.benchmarks;

/**
 * What a ratio must not exceed.
 *
 * @param text what is compared with what
 * @param value the ratio that was measured
 * @param limit the ratio that is to be reached on a machine that does nothing else
 * @param quickLimit the ratio above which {@code --quick} fails: far enough from what is usual that
 *     a busy machine does not reach it; infinite where nothing is checked
 */
record Bar(String text, double value, double limit, double quickLimit) {
  boolean isReached() {
    return value <= limit;
  }

  boolean isRegression() {
    return value > quickLimit;
  }
}
