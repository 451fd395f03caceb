package io.sysmon;

/**
 * The kernel refused to let this process trace: Yama's {@code ptrace_scope}, a missing {@code
 * CAP_SYS_PTRACE}, or a container profile. The message tells which, as far as it can be found out.
 */
public class TracePermissionException extends TraceException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what happened and what to do about it
   */
  public TracePermissionException(String message) {
    super(message);
  }
}
