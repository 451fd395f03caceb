package io.sysmon.decode;

import java.util.ArrayList;
import java.util.List;

/** A word of a table and where it stands, so that a fault can be pointed at. */
record Token(String table, int line, int column, String text) {

  /** The words of a line, up to a {@code #}. */
  static List<Token> split(String table, int line, String content) {
    int comment = content.indexOf('#');
    int end = comment < 0 ? content.length() : comment;
    List<Token> tokens = new ArrayList<>();
    int at = 0;
    while (at < end) {
      if (Character.isWhitespace(content.charAt(at))) {
        at++;
        continue;
      }
      int begin = at;
      while (at < end && !Character.isWhitespace(content.charAt(at))) {
        at++;
      }
      tokens.add(new Token(table, line, begin + 1, content.substring(begin, at)));
    }
    return tokens;
  }

  /** The part of this word that begins at an index. */
  Token from(int index) {
    return new Token(table, line, column + index, text.substring(index));
  }

  /** The part of this word between two indexes. */
  Token part(int begin, int end) {
    return new Token(table, line, column + begin, text.substring(begin, end));
  }

  /** A problem with this word. */
  BadTableException problem(String what) {
    return new BadTableException(table, line, column, what);
  }

  /** This word as a number: decimal, {@code 0x} or octal with a leading 0, possibly negative. */
  long number() {
    try {
      boolean hex = text.startsWith("0x");
      return hex ? Long.parseUnsignedLong(text.substring(2), 16) : Long.decode(text);
    } catch (NumberFormatException e) {
      throw problem("'" + text + "' is not a number");
    }
  }
}
