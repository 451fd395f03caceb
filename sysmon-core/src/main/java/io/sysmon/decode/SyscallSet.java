package io.sysmon.decode;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A set of system calls by their names, as strace(1) takes one for {@code -e trace=}. Immutable.
 *
 * @param members the names that are listed
 * @param allBut whether all others are meant, also calls that have no name
 */
public record SyscallSet(Set<String> members, boolean allBut) {
  private static final String EXPECTED = "the name of a system call, %class or /regex";
  private static final char ESCAPE = '\\';

  /** Each call. */
  public static final SyscallSet ALL = new SyscallSet(Set.of(), true);

  /** Copies the names. */
  public SyscallSet {
    members = Set.copyOf(members);
  }

  /**
   * Reads a set.
   *
   * @param text {@code [!]WHAT[,WHAT]...} where each is the name of a call, {@code ?NAME} for one
   *     that may not exist, a class such as {@code %file}, or {@code /REGEX}, which a name has to
   *     contain and in which a comma is written {@code \,}; {@code all} or {@code none}. With
   *     {@code !} in front all others
   * @return the set
   * @throws BadSyscallSetException when there is no such call or class
   */
  public static SyscallSet parse(String text) {
    int begin = 0;
    while (text.startsWith("!", begin)) {
      begin++;
    }
    boolean allBut = begin % 2 != 0;
    String list = text.substring(begin);
    if (list.equals("all") || list.equals("none")) {
      return new SyscallSet(Set.of(), list.equals("all") != allBut);
    }
    Set<String> names = new HashSet<>();
    boolean isEmpty = true;
    for (int word = begin; word < text.length(); ) {
      int end = endOfWord(text, word);
      if (end > word) {
        names.addAll(named(text, word, end));
        isEmpty = false;
      }
      word = end + 1;
    }
    if (isEmpty) {
      throw new BadSyscallSetException(text, begin, text.length(), EXPECTED, List.of());
    }
    return new SyscallSet(names, allBut);
  }

  private static int endOfWord(String text, int begin) {
    int end = begin;
    while (end < text.length() && text.charAt(end) != ',') {
      end += text.charAt(end) == ESCAPE ? 2 : 1;
    }
    return Math.min(end, text.length());
  }

  private static Set<String> named(String text, int begin, int end) {
    SyscallTable table = SyscallTable.get();
    String word = text.substring(begin, end);
    if (word.startsWith("/")) {
      return matching(text, begin + 1, end);
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
    if (members == null && !mayBeMissing) {
      List<String> near = name.startsWith("%") ? List.of() : table.suggestions(name);
      String perhaps = near.isEmpty() ? "" : " (perhaps " + String.join(", ", near) + ")";
      throw new BadSyscallSetException(text, begin, end, EXPECTED + perhaps, near);
    }
    return members == null ? Set.of() : members;
  }

  private static Set<String> matching(String text, int begin, int end) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(text.substring(begin, end));
    } catch (PatternSyntaxException e) {
      int at = Math.max(begin, Math.min(begin + e.getIndex(), end));
      String expected = "a regular expression (" + e.getDescription() + ")";
      BadSyscallSetException bad = new BadSyscallSetException(text, at, end, expected, List.of());
      bad.initCause(e);
      throw bad;
    }
    Set<String> names = new HashSet<>(SyscallTable.get().names());
    names.removeIf(name -> !pattern.matcher(name).find());
    return names;
  }

  /**
   * The classes that a set may name.
   *
   * @return for each, without the {@code %} that begins it in a set, the names of its calls: those
   *     of {@link SyscallTable#classes()}, and those that strace(1) has for several together
   */
  public static Map<String, Set<String>> classes() {
    return Classes.ALL;
  }

  /**
   * Whether a call is in the set.
   *
   * @param name its name
   * @return true when it is
   */
  public boolean contains(String name) {
    return members.contains(name) != allBut;
  }

  /**
   * The calls of the table that are in the set.
   *
   * @return the names, of all ABIs
   */
  public Set<String> names() {
    Set<String> names = new TreeSet<>(SyscallTable.get().names());
    names.removeIf(name -> !contains(name));
    return names;
  }

  private static final class Classes {
    static final Map<String, Set<String>> ALL = read();

    private static Map<String, Set<String>> read() {
      Map<String, Set<String>> classes = new HashMap<>(SyscallTable.get().classes());
      classes.put("net", together("network"));
      classes.put("%stat", together("stat", "lstat", "fstat"));
      classes.put("%statfs", together("statfs", "fstatfs", "ustat"));
      return Collections.unmodifiableMap(classes);
    }

    /** The calls of some classes, and such as have a class of their own name only. */
    private static Set<String> together(String... names) {
      Set<String> members = new TreeSet<>();
      for (String name : names) {
        members.addAll(SyscallTable.get().classes().getOrDefault(name, Set.of(name)));
      }
      return Collections.unmodifiableSet(members);
    }
  }
}
