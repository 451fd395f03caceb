package io.sysmon;

/**
 * The kernel refused to let this process trace, or this library refuses what could harm the tracee.
 * The message tells the reason, as far as {@code /proc} shows it, and what helps: another tracer, a
 * kernel thread, another user, missing capabilities, a process that is not dumpable, Yama's {@code
 * ptrace_scope}, a seccomp filter, a user namespace, a security module. {@code
 * docs/troubleshooting.md} has the messages as headings. See ptrace(2), "Ptrace access mode
 * checking".
 *
 * <p>The reason is looked for after the refusal. Where it cannot be told for certain, the message
 * names all that could be.
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
