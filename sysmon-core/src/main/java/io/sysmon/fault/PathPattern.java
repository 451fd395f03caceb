package io.sysmon.fault;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern of paths: {@code ?} is a character and {@code *} any number of them, within one name;
 * {@code **} crosses names; {@code [abc]}, {@code [!a-z]} and {@code {this,that}}; a backslash
 * takes the meaning from what follows. Without a leading slash it is about the end of a path:
 * {@code *.db} is a name in any directory, {@code data/*.db} one in any that is named {@code data}.
 *
 * <p>Immutable. No {@link java.nio.file.PathMatcher}, because a {@link java.nio.file.Path} cannot
 * hold every name that a tracee uses.
 */
public final class PathPattern {
  private static final String LITERAL = "\\.^$|()+*?[]{}";

  private static final Pattern ESCAPED_OR_COLON = Pattern.compile("\\\\.|:", Pattern.DOTALL);

  private final String text;
  private final Pattern pattern;

  private PathPattern(String text, Pattern pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /**
   * Reads a pattern.
   *
   * @param glob its text
   * @return the pattern
   * @throws BadFaultRuleException when it makes no sense
   */
  public static PathPattern parse(String glob) {
    return parse(new Piece(glob, 1, 1));
  }

  static PathPattern parse(Piece glob) {
    if (glob.isEmpty()) {
      throw glob.expected("a path or a pattern of paths");
    }
    String text = glob.text();
    StringBuilder regex = new StringBuilder(text.startsWith("/") ? "" : "(?:.*/)?");
    boolean inGroup = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '*' -> {
          boolean crosses = text.startsWith("**", i);
          regex.append(crosses ? ".*" : "[^/]*");
          i += crosses ? 1 : 0;
        }
        case '?' -> regex.append("[^/]");
        case '[' -> i = characters(glob, i, regex);
        case '{' -> {
          if (inGroup || text.indexOf('}', i) < 0) {
            throw glob.from(i).expected(inGroup ? "no group inside a group" : "a group with its }");
          }
          regex.append("(?:");
          inGroup = true;
        }
        case '}' -> {
          regex.append(inGroup ? ")" : "\\}");
          inGroup = false;
        }
        case ',' -> regex.append(inGroup ? '|' : ',');
        case '\\' -> {
          if (++i == text.length()) {
            throw glob.from(i).expected("a character after the backslash");
          }
          literal(text.charAt(i), regex);
        }
        default -> literal(c, regex);
      }
    }
    if (inGroup) {
      throw glob.from(text.length()).expected("}");
    }
    return new PathPattern(
        ESCAPED_OR_COLON.matcher(text).replaceAll(PathPattern::withBackslash),
        compile(glob, regex.toString()));
  }

  private static Pattern compile(Piece glob, String regex) {
    try {
      return Pattern.compile(regex, Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      // Some ten thousand parts are too many for java.util.regex.
      throw glob.expected("a pattern with fewer parts");
    }
  }

  private static String withBackslash(MatchResult part) {
    return Matcher.quoteReplacement(part.group().equals(":") ? "\\:" : part.group());
  }

  private static void literal(char c, StringBuilder regex) {
    regex.append(LITERAL.indexOf(c) >= 0 ? "\\" : "").append(c);
  }

  /** Reads {@code [...]}; returns where it ends. */
  private static int characters(Piece glob, int begin, StringBuilder regex) {
    String text = glob.text();
    boolean negated = text.startsWith("!", begin + 1);
    int first = begin + (negated ? 2 : 1);
    // A bracket that is the first of the set is one of its characters.
    int end = text.indexOf(']', first + 1);
    if (end < 0) {
      throw glob.from(begin).expected("a set of characters with its ]");
    }
    String members = text.substring(first, end).replaceAll("[\\[\\]\\\\&^]", "\\\\$0");
    String set = "(?!/)[" + (negated ? "^" : "") + members + "]";
    try {
      Pattern.compile(set);
    } catch (PatternSyntaxException e) {
      throw glob.part(begin, end + 1).expected("a set of characters");
    }
    regex.append(set);
    return end;
  }

  /**
   * Whether a path is meant.
   *
   * @param path an absolute path, or what {@code /proc/PID/fd} says
   * @return true when it is
   */
  public boolean matches(String path) {
    return pattern.matcher(path).matches();
  }

  /** As it is written in a rule: with a backslash before each colon. */
  @Override
  public String toString() {
    return text;
  }
}
