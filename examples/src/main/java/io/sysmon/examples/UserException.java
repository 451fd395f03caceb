package io.sysmon.examples;

/** Something that the user can mend: its message is all that is printed. */
class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UserException(String message) {
    super(message);
  }
}
