package io.sysmon.fault;

/** The text of a fault rule makes no sense; {@link #getMessage()} tells where and why. */
public final class BadFaultRuleException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final int line;
  private final int column;
  private final String expected;

  BadFaultRuleException(int line, int column, String expected, String found) {
    super(
        "line "
            + line
            + ", column "
            + column
            + ": expected "
            + expected
            + ", found "
            + (found.isEmpty() ? "nothing" : "'" + found + "'"));
    this.line = line;
    this.column = column;
    this.expected = expected;
  }

  /**
   * The line of the text.
   *
   * @return 1 or more
   */
  public int line() {
    return line;
  }

  /**
   * Where in the line the part begins that is wrong.
   *
   * @return the number of its first character, from 1; one more than the line has when something is
   *     missing at its end
   */
  public int column() {
    return column;
  }

  /**
   * What would have been right there.
   *
   * @return a phrase, for example {@code a number from 1 to 65535}
   */
  public String expected() {
    return expected;
  }
}
