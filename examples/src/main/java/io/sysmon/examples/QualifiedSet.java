package io.sysmon.examples;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an expression of {@code -e} selects: {@code all}, {@code none} or {@code VALUE[,VALUE]...},
 * and with {@code !} in front everything else. Immutable.
 *
 * @param members the values that are named
 * @param allBut whether what is not named is meant
 * @param <T> what a value stands for
 */
record QualifiedSet<T>(Set<T> members, boolean allBut) {
  QualifiedSet {
    members = Set.copyOf(members);
  }

  static <T> QualifiedSet<T> all() {
    return new QualifiedSet<>(Set.of(), true);
  }

  static <T> QualifiedSet<T> none() {
    return new QualifiedSet<>(Set.of(), false);
  }

  /**
   * Reads an expression.
   *
   * @param what what its values are called in a message
   * @param values what a value stands for; null when it is none
   * @throws UserException when a value is none
   */
  static <T> QualifiedSet<T> parse(
      String expression, String what, Function<String, @Nullable Set<T>> values) {
    int begin = 0;
    while (expression.startsWith("!", begin)) {
      begin++;
    }
    boolean allBut = begin % 2 != 0;
    String list = expression.substring(begin);
    if (list.equals("all") || list.equals("none")) {
      return new QualifiedSet<>(Set.of(), list.equals("all") != allBut);
    }
    Set<T> members = new HashSet<>();
    for (String value : list.split(",", -1)) {
      Set<T> meant = values.apply(value);
      if (meant == null) {
        throw new UserException("invalid " + what + " '" + value + "'");
      }
      members.addAll(meant);
    }
    return new QualifiedSet<>(members, allBut);
  }

  boolean contains(T value) {
    return members.contains(value) != allBut;
  }

  /** Whether everything is selected. */
  boolean isAll() {
    return allBut && members.isEmpty();
  }
}
