package io.sysmon;

/**
 * This machine cannot trace: the operating system, the CPU, the kernel version or a missing
 * architecture module. {@link Tracer#unsupportedReason()} gives the same text before anything
 * fails.
 */
public class UnsupportedPlatformException extends TraceException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what happened and what to do about it
   */
  public UnsupportedPlatformException(String message) {
    super(message);
  }
}
