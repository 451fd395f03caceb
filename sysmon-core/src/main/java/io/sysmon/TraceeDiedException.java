package io.sysmon;

/**
 * The tracee ended (exit or signal, {@code SIGKILL} at any moment) before the request reached it.
 */
public class TraceeDiedException extends TraceException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what happened and what to do about it
   */
  public TraceeDiedException(String message) {
    super(message);
  }
}
