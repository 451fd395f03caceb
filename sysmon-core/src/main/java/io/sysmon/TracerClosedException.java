package io.sysmon;

/** The tracer was closed, so it takes no further requests. Build another one. */
public class TracerClosedException extends TraceException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what happened and what to do about it
   */
  public TracerClosedException(String message) {
    super(message);
  }
}
