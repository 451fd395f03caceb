package io.sysmon.fault;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of a rule's text that knows where it is.
 *
 * @param column the number of its first character, from 1
 */
record Piece(String text, int line, int column) {
  private static final char ESCAPE = '\\';

  Piece from(int begin) {
    return new Piece(text.substring(begin), line, column + begin);
  }

  Piece part(int begin, int end) {
    return new Piece(text.substring(begin, end), line, column + begin);
  }

  /** The parts between the separators, at least one; a separator after a backslash is none. */
  List<Piece> split(char separator) {
    List<Piece> parts = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == ESCAPE) {
        i++;
      } else if (text.charAt(i) == separator) {
        parts.add(part(begin, i));
        begin = i + 1;
      }
    }
    parts.add(from(begin));
    return parts;
  }

  boolean isEmpty() {
    return text.isEmpty();
  }

  boolean startsWith(String prefix) {
    return text.startsWith(prefix);
  }

  BadFaultRuleException expected(String what) {
    return new BadFaultRuleException(line, column, what, text);
  }

  /** A decimal number within limits. */
  int number(int least, int most) {
    String what = "a number from " + least + " to " + most;
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw expected(what);
    }
    // Nine digits fit into an int.
    int value = text.length() > 9 ? -1 : Integer.parseInt(text);
    if (value < least || value > most) {
      throw expected(what);
    }
    return value;
  }
}
