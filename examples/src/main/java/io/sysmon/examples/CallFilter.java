package io.sysmon.examples;

import io.sysmon.Interest;
import io.sysmon.decode.SyscallTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Which system calls to show: what {@code -e trace=} says. Immutable. */
final class CallFilter {
  private static final CallFilter ALL = new CallFilter(QualifiedSet.all());

  private final QualifiedSet<String> names;

  private CallFilter(QualifiedSet<String> names) {
    this.names = names;
  }

  /** Shows every call. */
  static CallFilter all() {
    return ALL;
  }

  /**
   * Reads what follows {@code -e trace=}: {@code [!]WHAT[,WHAT]...} where each is the name of a
   * call, {@code ?NAME} for one that may not exist, a class such as {@code %file}, {@code /REGEX},
   * or {@code all} or {@code none} alone.
   *
   * @throws UserException when there is no such call or class
   */
  static CallFilter parse(String set) {
    return new CallFilter(QualifiedSet.parse(set, "system call", CallFilter::named));
  }

  private static @Nullable Set<String> named(String word) {
    SyscallTable table = SyscallTable.get();
    if (word.startsWith("/")) {
      return matching(word.substring(1));
    }
    boolean mayBeMissing = word.startsWith("?");
    String name = mayBeMissing ? word.substring(1) : word;
    if (table.isName(name)) {
      return Set.of(name);
    }
    if (name.equals("all")) {
      return table.names();
    }
    Set<String> members = classes().get(name.startsWith("%") ? name.substring(1) : name);
    if (members != null || mayBeMissing) {
      return members == null ? Set.of() : members;
    }
    throw new UserException("invalid system call '" + name + "'" + suggestion(name));
  }

  /** Those of the table, and the names that strace(1) has for several together. */
  private static Map<String, Set<String>> classes() {
    Map<String, Set<String>> classes = new HashMap<>(SyscallTable.get().classes());
    classes.put("net", together("network"));
    classes.put("%stat", together("stat", "lstat", "fstat"));
    Set<String> statfs = together("statfs", "fstatfs");
    statfs.add("ustat");
    classes.put("%statfs", statfs);
    return classes;
  }

  private static Set<String> together(String... classes) {
    Set<String> members = new HashSet<>();
    for (String each : classes) {
      members.addAll(SyscallTable.get().classes().getOrDefault(each, Set.of()));
    }
    return members;
  }

  private static Set<String> matching(String regex) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new UserException("regcomp: " + regex + ": " + e.getDescription());
    }
    Set<String> names = new HashSet<>(SyscallTable.get().names());
    names.removeIf(name -> !pattern.matcher(name).find());
    return names;
  }

  private static String suggestion(String name) {
    if (name.startsWith("%")) {
      return "; the classes are %" + String.join(", %", new TreeSet<>(classes().keySet()));
    }
    List<String> near = SyscallTable.get().suggestions(name);
    return near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?";
  }

  /** Shows only those that are among these, too. */
  CallFilter among(Set<String> some) {
    Set<String> both = new HashSet<>(some);
    both.removeIf(name -> !accepts(name));
    return new CallFilter(new QualifiedSet<>(both, false));
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
