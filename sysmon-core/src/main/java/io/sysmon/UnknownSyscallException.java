package io.sysmon;

/** A system call name that no supported ABI knows. The message offers the nearest names. */
public class UnknownSyscallException extends TraceException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what happened and what to do about it
   */
  public UnknownSyscallException(String message) {
    super(message);
  }
}
