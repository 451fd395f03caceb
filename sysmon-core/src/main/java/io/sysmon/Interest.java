package io.sysmon;

import io.sysmon.decode.SyscallTable;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which system calls a listener wants to see, and at which of their two stops. Immutable.
 *
 * <p>The narrower it is, the less the traced program is slowed.
 */
public final class Interest {
  private static final Interest NONE = new Interest(false, false, Set.of(), Set.of());
  private static final Interest ALL = new Interest(true, true, Set.of(), Set.of());

  private final boolean everyEnter;
  private final boolean everyExit;

  /** What is selected; with {@link #everyEnter}, what is not. */
  private final Set<String> enterNames;

  /** What is selected; with {@link #everyExit}, what is not. */
  private final Set<String> exitNames;

  private Interest(
      boolean everyEnter, boolean everyExit, Set<String> enterNames, Set<String> exitNames) {
    this.everyEnter = everyEnter;
    this.everyExit = everyExit;
    this.enterNames = enterNames;
    this.exitNames = exitNames;
  }

  /**
   * No system call at all.
   *
   * @return the interest
   */
  public static Interest none() {
    return NONE;
  }

  /**
   * Every entry and every exit, also of calls that have no name.
   *
   * @return the interest
   */
  public static Interest all() {
    return ALL;
  }

  /**
   * Entry and exit of the named calls.
   *
   * @param names at least one name, which only some ABIs may have, or class such as {@code %file}
   * @return the interest
   * @throws UnknownSyscallException when no supported ABI has a call of that name, or there is no
   *     such class
   */
  public static Interest of(String... names) {
    Set<String> known = known(names);
    return new Interest(false, false, known, known);
  }

  /**
   * Entry and exit of every call, also of calls that have no name, but for the named ones.
   *
   * @param names at least one name, which only some ABIs may have, or class such as {@code %file}
   * @return the interest
   * @throws UnknownSyscallException when no supported ABI has a call of that name, or there is no
   *     such class
   */
  public static Interest allBut(String... names) {
    Set<String> known = known(names);
    return new Interest(true, true, known, known);
  }

  /**
   * The entry of the named calls.
   *
   * @param names at least one name, which only some ABIs may have, or class such as {@code %file}
   * @return the interest
   * @throws UnknownSyscallException when no supported ABI has a call of that name, or there is no
   *     such class
   */
  public static Interest enter(String... names) {
    return new Interest(false, false, known(names), Set.of());
  }

  /**
   * The exit of the named calls.
   *
   * @param names at least one name, which only some ABIs may have, or class such as {@code %file}
   * @return the interest
   * @throws UnknownSyscallException when no supported ABI has a call of that name, or there is no
   *     such class
   */
  public static Interest exit(String... names) {
    return new Interest(false, false, Set.of(), known(names));
  }

  /**
   * Both interests together.
   *
   * @param other the other one
   * @return what either of them selects
   */
  public Interest and(Interest other) {
    return new Interest(
        everyEnter || other.everyEnter,
        everyExit || other.everyExit,
        union(everyEnter, enterNames, other.everyEnter, other.enterNames),
        union(everyExit, exitNames, other.everyExit, other.exitNames));
  }

  /**
   * Whether the entry of a call is selected.
   *
   * @param name the call's name
   * @return true when it is
   */
  public boolean wantsEnter(String name) {
    return everyEnter != enterNames.contains(name);
  }

  /**
   * Whether the exit of a call is selected.
   *
   * @param name the call's name
   * @return true when it is
   */
  public boolean wantsExit(String name) {
    return everyExit != exitNames.contains(name);
  }

  /**
   * Whether anything is selected.
   *
   * @return true for {@link #none()}
   */
  public boolean isEmpty() {
    return !everyEnter && !everyExit && enterNames.isEmpty() && exitNames.isEmpty();
  }

  /** Its entries alone. */
  Interest entries() {
    return some(new Interest(everyEnter, false, enterNames, Set.of()), "entry");
  }

  /** Its exits alone. */
  Interest exits() {
    return some(new Interest(false, everyExit, Set.of(), exitNames), "exit");
  }

  private Interest some(Interest part, String side) {
    if (part.isEmpty()) {
      throw new IllegalArgumentException(this + " selects no " + side + " of a call");
    }
    return part;
  }

  private static Set<String> known(String... names) {
    if (names.length == 0) {
      throw new IllegalArgumentException(
          "Name at least one system call; Interest.all() selects every call");
    }
    SyscallTable table = SyscallTable.get();
    Set<String> known = new TreeSet<>();
    for (String name : names) {
      Objects.requireNonNull(name, "The name of a system call is null");
      Set<String> members = name.startsWith("%") ? table.classes().get(name.substring(1)) : null;
      if (members != null) {
        known.addAll(members);
      } else if (table.isName(name)) {
        known.add(name);
      } else {
        throw new UnknownSyscallException(unknown(table, name));
      }
    }
    return Set.copyOf(known);
  }

  private static String unknown(SyscallTable table, String name) {
    if (name.startsWith("%")) {
      return "No class of system calls is named '"
          + name
          + "'; there are %"
          + String.join(", %", new TreeSet<>(table.classes().keySet()));
    }
    List<String> near = table.suggestions(name.toLowerCase(Locale.ROOT));
    return "No system call is named '"
        + name
        + "'"
        + (near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?");
  }

  /** What names are left when each set is the chosen names or, with "every", the left out ones. */
  private static Set<String> union(
      boolean every, Set<String> names, boolean everyOther, Set<String> otherNames) {
    Set<String> result = new TreeSet<>(every || !everyOther ? names : otherNames);
    if (every && everyOther) {
      result.retainAll(otherNames);
    } else if (every) {
      result.removeAll(otherNames);
    } else if (everyOther) {
      result.removeAll(names);
    } else {
      result.addAll(otherNames);
    }
    return Set.copyOf(result);
  }

  @Override
  public String toString() {
    return "Interest[enter="
        + text(everyEnter, enterNames)
        + ", exit="
        + text(everyExit, exitNames)
        + "]";
  }

  private static String text(boolean every, Set<String> names) {
    if (!every) {
      return names.toString();
    }
    return names.isEmpty() ? "all" : "all but " + names;
  }
}
