package io.sysmon.decode;

/**
 * How calls are printed.
 *
 * @param stringLimit the most bytes of a string or buffer, and elements of an array, that are
 *     printed; what is longer ends in {@code ...} (strace's {@code -s}). File names are printed
 *     whole
 * @param hexStrings which strings are printed in hexadecimal digits (strace's {@code -x})
 * @param isVerbose whether environments and structures are printed whole (strace's {@code -v}), but
 *     for those of perf_event_open(2)
 */
public record FormatOptions(int stringLimit, HexStrings hexStrings, boolean isVerbose) {
  /** What strace(1) does when it is not told otherwise. */
  public static final FormatOptions DEFAULT = new FormatOptions(32);

  /** Which strings are printed as {@code "\x2f\x74"}. */
  public enum HexStrings {
    /** None: bytes that do not print are octal. */
    NONE,
    /** Those in which a byte is neither printable ASCII nor white space. */
    NOT_PRINTABLE,
    /** All. */
    ALL
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when the limit is negative
   */
  public FormatOptions {
    if (stringLimit < 0) {
      throw new IllegalArgumentException("The string limit is negative: " + stringLimit);
    }
  }

  /**
   * Strings as they are, and structures abbreviated.
   *
   * @param stringLimit not negative
   * @throws IllegalArgumentException when the limit is negative
   */
  public FormatOptions(int stringLimit) {
    this(stringLimit, HexStrings.NONE, false);
  }
}
