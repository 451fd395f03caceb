package io.sysmon.decode;

/** One of the tables of this package cannot be parsed. The message says where and why. */
public final class BadTableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  BadTableException(String table, int line, int column, String problem) {
    super(table + ":" + line + ":" + column + ": " + problem);
    this.line = line;
    this.column = column;
  }

  /**
   * The line of the problem.
   *
   * @return the first line is 1
   */
  public int line() {
    return line;
  }

  /**
   * The column of the problem.
   *
   * @return the first column is 1
   */
  public int column() {
    return column;
  }
}
