package io.sysmon.benchmarks;

/** One subject, to be measured alone by {@code --only}. */
interface Benchmark {
  /** The word for {@code --only}. */
  String name();

  /**
   * Measures.
   *
   * @throws Exception when a program could not be run, or printed what it should not
   */
  void run(Session session) throws Exception;
}
