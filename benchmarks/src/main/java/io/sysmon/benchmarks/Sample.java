package io.sysmon.benchmarks;

/** Measures a contestant once. */
@FunctionalInterface
interface Sample {
  /**
   * Runs it.
   *
   * @return what it took, in the contest's unit
   * @throws Exception when it could not be measured
   */
  double take() throws Exception;
}
