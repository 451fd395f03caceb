package io.sysmon.monitor;

/** Is asked about what a policy does not decide by itself ({@code verdict: ask}). */
@FunctionalInterface
public interface Asker {
  /**
   * Decides. The calling task waits meanwhile. Called by one thread of the monitor's own, for one
   * question at a time. When the question is open no longer, because its time has run out, its task
   * has ended or the monitor is closed, that thread is interrupted, and an answer comes too late:
   * then the rule's {@code default} counts. What this throws otherwise is logged, and denies.
   *
   * @param question what is about to happen, and until when it is asked
   * @return true when it may
   * @throws InterruptedException when the question is open no longer
   */
  boolean allows(Question question) throws InterruptedException;
}
