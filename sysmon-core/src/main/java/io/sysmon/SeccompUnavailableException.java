package io.sysmon;

/**
 * The kernel refused the seccomp filter that {@link SeccompMode#REQUIRED} demands. The program was
 * not started.
 */
public class SeccompUnavailableException extends TraceException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message which step was refused, and what helps
   */
  public SeccompUnavailableException(String message) {
    super(message);
  }
}
