package io.sysmon.monitor;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern of paths: {@code *} is any text without a slash, {@code **} any text, {@code ?} one
 * character but a slash. {@code /etc/**} includes {@code /etc}.
 *
 * @param text as it was written
 * @param pattern that it means
 */
record Glob(String text, Pattern pattern) {
  static Glob of(String text) {
    StringBuilder regex = new StringBuilder();
    String rest = text.endsWith("/**") ? text.substring(0, text.length() - 3) : text;
    for (int i = 0; i < rest.length(); i++) {
      char c = rest.charAt(i);
      if (rest.startsWith("**", i)) {
        regex.append(".*");
        i++;
      } else if (c == '*') {
        regex.append("[^/]*");
      } else if (c == '?') {
        regex.append("[^/]");
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    if (!rest.equals(text)) {
      regex.append("(/.*)?");
    }
    try {
      return new Glob(text, Pattern.compile(regex.toString(), Pattern.DOTALL));
    } catch (PatternSyntaxException e) {
      // Some ten thousand parts are too many for java.util.regex.
      throw new BadPolicyException("A pattern of " + text.length() + " characters is too long");
    }
  }

  /** What to write instead of what matches no absolute path; empty when it may match one. */
  static String instead(String text) {
    if (text.startsWith("~")) {
      return "write the home directory, or /home/*" + text.replaceFirst("^~[^/]*", "");
    }
    if (!text.startsWith("/") && !text.startsWith("**")) {
      String rest = text.replaceFirst("^(\\.{0,2}/)+", "");
      return "it has to begin with / or **, as in /DIRECTORY/" + rest + " or **/" + rest;
    }
    if (text.length() > 1 && text.endsWith("/")) {
      String bare = text.replaceFirst("/+$", "");
      return "write " + bare + " or, for all that is in it too, " + bare + "/**";
    }
    List<String> names = List.of(text.substring(1).split("/", -1));
    if (text.length() > 1 && (names.contains("") || names.contains(".") || names.contains(".."))) {
      return "write it without '.', '..' and '//'";
    }
    return "";
  }

  boolean matches(String path) {
    return pattern.matcher(path).matches();
  }
}
