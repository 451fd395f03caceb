package io.sysmon.fault;

/** The text of a fault rule makes no sense; {@link #getMessage()} tells where and why. */
public final class BadFaultRuleException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final int line;
  private final int column;
  private final String expected;
  private final String found;

  BadFaultRuleException(int line, int column, String expected, String found) {
    super(message(line, column, expected, found));
    this.line = line;
    this.column = column;
    this.expected = expected;
    this.found = found;
  }

  private static String message(int line, int column, String expected, String found) {
    return "line "
        + line
        + ", column "
        + column
        + ": expected "
        + expected
        + ", found "
        + (found.isEmpty() ? "nothing" : "'" + found + "'");
  }

  /**
   * The same of the text without its beginning, for whoever shows it so: {@code inject=}, for
   * example, which was another option's name.
   *
   * @param characters how many of the line are not shown, fewer than {@link #column}
   * @return the exception, to be thrown; this one is its cause
   */
  public BadFaultRuleException withoutFirst(int characters) {
    BadFaultRuleException same =
        new BadFaultRuleException(line, column - characters, expected, found);
    same.initCause(this);
    return same;
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
