package io.sysmon.examples;

import io.sysmon.Interest;
import io.sysmon.decode.SyscallTable;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which system calls to show: what {@code -e trace=} says. Immutable. */
final class CallFilter {
  private static final CallFilter ALL = new CallFilter(Set.of(), true);

  private final Set<String> names;
  private final boolean allBut;

  private CallFilter(Set<String> names, boolean allBut) {
    this.names = names;
    this.allBut = allBut;
  }

  /** Shows every call. */
  static CallFilter all() {
    return ALL;
  }

  /**
   * Reads an expression of {@code -e}: {@code [trace=][!]WHAT[,WHAT]...} where each is the name of
   * a call, {@code ?NAME} for one that may not exist, a class such as {@code %file}, {@code
   * /REGEX}, {@code all} or {@code none}.
   *
   * @throws UserException when there is no such call or class, or for what strace can qualify
   *     beyond {@code trace}
   */
  static CallFilter parse(String expression) {
    String what = expression;
    int equals = expression.indexOf('=');
    if (equals >= 0) {
      String qualified = expression.substring(0, equals);
      if (!qualified.equals("trace") && !qualified.equals("t")) {
        throw new UserException(
            "-e " + qualified + "= is not supported; only -e trace=WHAT[,WHAT]... is");
      }
      what = expression.substring(equals + 1);
    }
    boolean allBut = what.startsWith("!");
    Set<String> names = new TreeSet<>();
    boolean all = false;
    for (String word : (allBut ? what.substring(1) : what).split(",", -1)) {
      if (word.equals("all")) {
        all = true;
      } else if (!word.equals("none")) {
        add(word, names);
      }
    }
    if (all) {
      return new CallFilter(Set.of(), !allBut);
    }
    return new CallFilter(Set.copyOf(names), allBut);
  }

  private static void add(String word, Set<String> names) {
    SyscallTable table = SyscallTable.get();
    if (word.startsWith("/")) {
      addMatching(word.substring(1), names);
      return;
    }
    boolean mayBeMissing = word.startsWith("?");
    String name = mayBeMissing ? word.substring(1) : word;
    if (table.isName(name)) {
      names.add(name);
      return;
    }
    Set<String> members = table.classes().get(name.startsWith("%") ? name.substring(1) : name);
    if (members != null) {
      names.addAll(members);
    } else if (!mayBeMissing) {
      throw new UserException("invalid system call '" + name + "'" + suggestion(name));
    }
  }

  private static void addMatching(String regex, Set<String> names) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new UserException("invalid regular expression '" + regex + "': " + e.getDescription());
    }
    for (String name : SyscallTable.get().names()) {
      if (pattern.matcher(name).find()) {
        names.add(name);
      }
    }
  }

  private static String suggestion(String name) {
    SyscallTable table = SyscallTable.get();
    if (name.startsWith("%")) {
      return "; the classes are %" + String.join(", %", new TreeSet<>(table.classes().keySet()));
    }
    List<String> near = table.suggestions(name);
    return near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?";
  }

  /** Whether a call is shown. */
  boolean accepts(String name) {
    return allBut ? names.isEmpty() || !names.contains(name) : names.contains(name);
  }

  /** What a listener must ask for to see all that {@link #accepts} accepts, and maybe more. */
  Interest interest() {
    if (allBut) {
      return Interest.all();
    }
    return names.isEmpty() ? Interest.none() : Interest.of(names.toArray(String[]::new));
  }
}
