package io.sysmon.internal.elf;

/** What has to be known of a file or a frame cannot be read, or makes no sense. */
public final class NoUnwindException extends Exception {
  private static final long serialVersionUID = 1;

  /** An outcome that is expected: no stack trace. */
  public NoUnwindException(String message) {
    super(message, null, false, false);
  }
}
