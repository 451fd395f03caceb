package io.sysmon;

/**
 * The request does not fit the moment: a view used after its callback, a wait inside a callback, a
 * process that this tracer did not launch.
 */
public class IllegalTraceeStateException extends TraceException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what happened and what to do about it
   */
  public IllegalTraceeStateException(String message) {
    super(message);
  }
}
