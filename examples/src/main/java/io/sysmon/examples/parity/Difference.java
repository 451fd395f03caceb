package io.sysmon.examples.parity;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A line that is not in both traces, or that reads differently.
 *
 * @param expected strace's line, or null when it has none here
 * @param actual SysMon's line, or null when it has none here
 */
public record Difference(@Nullable String expected, @Nullable String actual) {
  private static final Pattern CALL = Pattern.compile("(\\w+)\\(.*");
  private static final String RESULT = ") = ";

  /** What is different. */
  public enum Kind {
    /** Only strace has the line. */
    MISSING,
    /** Only SysMon has the line. */
    EXTRA,
    /** The same call with another text of its arguments. */
    ARGUMENTS,
    /** The same call and arguments with another result. */
    RESULT
  }

  /** Lines that stand at the same place; those of the same call are taken for the same line. */
  static List<Difference> pairs(List<String> missing, List<String> extra) {
    List<Difference> pairs = new ArrayList<>();
    int next = 0;
    for (String expected : missing) {
      int found = next;
      while (found < extra.size() && !call(extra.get(found)).equals(call(expected))) {
        found++;
      }
      if (found == extra.size()) {
        pairs.add(new Difference(expected, null));
        continue;
      }
      while (next < found) {
        pairs.add(new Difference(null, extra.get(next++)));
      }
      pairs.add(new Difference(expected, extra.get(next++)));
    }
    while (next < extra.size()) {
      pairs.add(new Difference(null, extra.get(next++)));
    }
    return pairs;
  }

  /** The name of the call; of a line about something else, its first two words. */
  static String call(String line) {
    Matcher call = CALL.matcher(line);
    if (call.matches()) {
      return call.group(1);
    }
    String[] words = line.split("[ :]", 3);
    return words.length < 2 ? line : words[0] + " " + words[1];
  }

  /** The name of the call. */
  String call() {
    return call(Objects.requireNonNullElse(expected, Objects.requireNonNullElse(actual, "")));
  }

  Kind kind() {
    if (expected == null) {
      return Kind.EXTRA;
    }
    if (actual == null) {
      return Kind.MISSING;
    }
    return arguments(expected).equals(arguments(actual)) ? Kind.RESULT : Kind.ARGUMENTS;
  }

  @Override
  public String toString() {
    return (expected == null ? "" : "- " + expected)
        + (expected == null || actual == null ? "" : System.lineSeparator())
        + (actual == null ? "" : "+ " + actual);
  }

  private static String arguments(String line) {
    int end = line.lastIndexOf(RESULT);
    return end < 0 ? line : line.substring(0, end);
  }
}
