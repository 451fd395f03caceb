package io.sysmon;

/** There is no process of that number to attach to: it never was, has ended, or is a thread. */
public class NoSuchProcessException extends TraceException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what happened and what to do about it
   */
  public NoSuchProcessException(String message) {
    super(message);
  }
}
