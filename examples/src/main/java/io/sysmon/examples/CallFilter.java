package io.sysmon.examples;

import io.sysmon.Interest;
import io.sysmon.decode.BadSyscallSetException;
import io.sysmon.decode.SyscallSet;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.PatternSyntaxException;

/** Which system calls to show: what {@code -e trace=} says. Immutable. */
final class CallFilter {
  private static final CallFilter ALL = new CallFilter(SyscallSet.ALL);

  private final SyscallSet names;

  private CallFilter(SyscallSet names) {
    this.names = names;
  }

  /** Shows every call. */
  static CallFilter all() {
    return ALL;
  }

  /**
   * Reads what follows {@code -e trace=}.
   *
   * @throws UserException when there is no such call or class
   */
  static CallFilter parse(String set) {
    try {
      return new CallFilter(SyscallSet.parse(set));
    } catch (BadSyscallSetException e) {
      throw new UserException(message(set, e));
    }
  }

  /** In strace(1)'s words. */
  private static String message(String set, BadSyscallSetException e) {
    if (e.getCause() instanceof PatternSyntaxException regex) {
      return "regcomp: " + regex.getPattern() + ": " + regex.getDescription();
    }
    String word = e.begin() == e.end() ? set : set.substring(e.begin(), e.end());
    return "invalid system call '" + word + "'" + suggestion(word, e);
  }

  private static String suggestion(String word, BadSyscallSetException e) {
    if (word.startsWith("%")) {
      Set<String> classes = new TreeSet<>(SyscallSet.classes().keySet());
      return "; the classes are %" + String.join(", %", classes);
    }
    return e.suggestions().isEmpty()
        ? ""
        : "; did you mean " + String.join(", ", e.suggestions()) + "?";
  }

  /** Shows only those that are among these, too. */
  CallFilter among(Set<String> some) {
    Set<String> both = new HashSet<>(some);
    both.removeIf(name -> !accepts(name));
    return new CallFilter(new SyscallSet(both, false));
  }

  /** Whether a call is shown. */
  boolean accepts(String name) {
    return names.contains(name);
  }

  /** What a listener must ask for to see all that {@link #accepts} accepts, and nothing else. */
  Interest interest() {
    String[] named = names.members().toArray(String[]::new);
    if (named.length == 0) {
      return names.allBut() ? Interest.all() : Interest.none();
    }
    return names.allBut() ? Interest.allBut(named) : Interest.of(named);
  }
}
