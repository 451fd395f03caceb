package io.sysmon;

/**
 * An argument was asked for as something that it is not, {@code call.sockaddr(1)} of read(2). The
 * message has the argument's name and kind, and what to call instead.
 */
public class ArgumentKindException extends TraceException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message which argument it is, and what to call instead
   */
  public ArgumentKindException(String message) {
    super(message);
  }
}
