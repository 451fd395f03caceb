package io.sysmon.examples;

/** A command line that is not understood: the message is printed, and where there is help. */
final class UsageException extends UserException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
