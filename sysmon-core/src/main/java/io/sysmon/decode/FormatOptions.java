package io.sysmon.decode;

/**
 * How calls are printed.
 *
 * @param stringLimit the most bytes of a string or buffer, and elements of an array, that are
 *     printed; what is longer ends in {@code ...} (strace's {@code -s}). File names are printed
 *     whole
 */
public record FormatOptions(int stringLimit) {
  /** What strace(1) does when it is not told otherwise. */
  public static final FormatOptions DEFAULT = new FormatOptions(32);

  /**
   * Checks the values.
   *
   * @param stringLimit not negative
   * @throws IllegalArgumentException when the limit is negative
   */
  public FormatOptions {
    if (stringLimit < 0) {
      throw new IllegalArgumentException("The string limit is negative: " + stringLimit);
    }
  }
}
