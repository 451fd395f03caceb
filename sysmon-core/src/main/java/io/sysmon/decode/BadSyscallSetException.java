package io.sysmon.decode;

import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * The text of a {@link SyscallSet} makes no sense. {@link #getCause()} is a {@link
 * PatternSyntaxException} when a regular expression is none.
 */
public final class BadSyscallSetException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final int begin;
  private final int end;
  private final String expected;
  private final List<String> suggestions;

  BadSyscallSetException(
      String text, int begin, int end, String expected, List<String> suggestions) {
    super("Expected " + expected + " at character " + (begin + 1) + " of '" + text + "'");
    this.begin = begin;
    this.end = end;
    this.expected = expected;
    this.suggestions = List.copyOf(suggestions);
  }

  /**
   * Where in the text the part begins that is wrong.
   *
   * @return an index from 0; the text's length when something is missing at its end
   */
  public int begin() {
    return begin;
  }

  /**
   * Where it ends.
   *
   * @return the index behind it
   */
  public int end() {
    return end;
  }

  /**
   * What would have been right there.
   *
   * @return a phrase, for example {@code a regular expression}
   */
  public String expected() {
    return expected;
  }

  /**
   * Names that may have been meant.
   *
   * @return up to three, the nearest first; mostly empty
   */
  public List<String> suggestions() {
    return suggestions;
  }
}
