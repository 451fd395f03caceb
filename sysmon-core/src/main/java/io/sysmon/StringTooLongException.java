package io.sysmon;

/**
 * The same-or-shorter rule: what was to be written in place is longer than what is there, and would
 * have overwritten what comes after it. Nothing was written. {@link SyscallEnter#relocateString}
 * and {@link SyscallEnter#relocateBuffer} take any length.
 */
public class StringTooLongException extends TraceException {
  private static final long serialVersionUID = 1L;

  private final int originalLength;
  private final int newLength;

  /**
   * Creates the exception.
   *
   * @param message which argument of which call of which task
   * @param originalLength the bytes that are there, without a terminating NUL
   * @param newLength the bytes that were to be written, without a terminating NUL
   */
  public StringTooLongException(String message, int originalLength, int newLength) {
    super(message);
    this.originalLength = originalLength;
    this.newLength = newLength;
  }

  /**
   * How long the original is.
   *
   * @return bytes, without a terminating NUL
   */
  public int originalLength() {
    return originalLength;
  }

  /**
   * How long the replacement is.
   *
   * @return bytes of UTF-8, without a terminating NUL
   */
  public int newLength() {
    return newLength;
  }
}
