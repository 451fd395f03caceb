package io.sysmon.monitor;

/** Is asked about what a policy does not decide by itself ({@code verdict: ask}). */
@FunctionalInterface
public interface Asker {
  /**
   * Decides. The calling task waits meanwhile; when the rule's time has run out, the answer comes
   * too late. Called by one thread of the monitor's own, for one event at a time.
   *
   * @param event what is about to happen
   * @return true when it may
   * @throws InterruptedException when the monitor is closed
   */
  boolean allows(Event event) throws InterruptedException;
}
