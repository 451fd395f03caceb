package io.sysmon;

/**
 * A task to which a signal is about to be delivered. A view, reused for the next stop: valid on the
 * tracer's thread until the callback returns.
 */
public interface SignalStop {
  /**
   * The task that the signal will be delivered to.
   *
   * @return an object that may be kept
   */
  TraceeTask task();

  /**
   * The signal.
   *
   * @return never {@code SIGKILL}, which the kernel does not report
   */
  Signal signal();

  /**
   * What the kernel tells about it: who sent it and why.
   *
   * @return an immutable value that may be kept
   * @throws TraceeDiedException when the task was killed meanwhile
   */
  SigInfo info();
}
