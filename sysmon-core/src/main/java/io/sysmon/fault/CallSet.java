package io.sysmon.fault;

import io.sysmon.decode.SyscallTable;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads strace(1)'s sets of system calls: {@code [!]WHAT[,WHAT]...}, {@code all}, {@code none}. */
final class CallSet {
  private static final String EXPECTED = "the name of a system call, %class or /regex";

  /** Of the classes, those that strace(1) has for several together. */
  private static final Map<String, List<String>> TOGETHER =
      Map.of(
          "net", List.of("network"),
          "%stat", List.of("stat", "lstat", "fstat"),
          "%statfs", List.of("statfs", "fstatfs"));

  private CallSet() {}

  /** The names, sorted. */
  static Set<String> parse(Piece expression) {
    Piece rest = expression;
    boolean allBut = false;
    while (rest.startsWith("!")) {
      rest = rest.from(1);
      allBut = !allBut;
    }
    if (rest.isEmpty()) {
      throw rest.expected(EXPECTED);
    }
    Set<String> names = new TreeSet<>();
    if (!rest.text().equals("none")) {
      for (Piece word : rest.split(',')) {
        names.addAll(named(word));
      }
    }
    if (!allBut) {
      return names;
    }
    Set<String> others = new TreeSet<>(SyscallTable.get().names());
    others.removeAll(names);
    return others;
  }

  private static Set<String> named(Piece word) {
    SyscallTable table = SyscallTable.get();
    String text = word.text();
    if (text.isEmpty()) {
      return Set.of();
    }
    if (text.startsWith("/")) {
      return matching(word.from(1));
    }
    boolean mayBeMissing = text.startsWith("?");
    String name = mayBeMissing ? text.substring(1) : text;
    if (name.equals("all")) {
      return table.names();
    }
    if (table.isName(name)) {
      return Set.of(name);
    }
    String type = name.startsWith("%") ? name.substring(1) : name;
    Set<String> members = new HashSet<>();
    for (String each : TOGETHER.getOrDefault(type, List.of(type))) {
      members.addAll(table.classes().getOrDefault(each, Set.of()));
    }
    if (members.isEmpty() && !mayBeMissing) {
      throw word.expected(EXPECTED + suggestion(name));
    }
    return members;
  }

  private static Set<String> matching(Piece regex) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(regex.text());
    } catch (PatternSyntaxException e) {
      throw regex
          .from(Math.max(0, Math.min(e.getIndex(), regex.text().length())))
          .expected("a regular expression (" + e.getDescription() + ")");
    }
    Set<String> names = new HashSet<>(SyscallTable.get().names());
    names.removeIf(name -> !pattern.matcher(name).find());
    return names;
  }

  private static String suggestion(String name) {
    List<String> near = name.startsWith("%") ? List.of() : SyscallTable.get().suggestions(name);
    return near.isEmpty() ? "" : " (perhaps " + String.join(", ", near) + ")";
  }
}
