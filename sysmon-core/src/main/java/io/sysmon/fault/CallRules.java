package io.sysmon.fault;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The rules about the calls of one name, in their order. Immutable. */
final class CallRules {
  /**
   * A rule.
   *
   * @param number its place among all rules
   * @param isPlain whether its count is that of all calls of the name that a task makes, which such
   *     rules share
   */
  record Slot(
      FaultRule rule,
      int number,
      boolean isPlain,
      List<PathCondition> paths,
      List<CallCondition> others) {
    static Slot of(FaultRule rule, int number) {
      List<CallCondition> conditions = rule.conditions();
      return new Slot(
          rule,
          number,
          conditions.isEmpty() && rule.counting() == Counting.TASK,
          conditions.stream()
              .filter(PathCondition.class::isInstance)
              .map(PathCondition.class::cast)
              .toList(),
          conditions.stream().filter(each -> !(each instanceof PathCondition)).toList());
    }
  }

  private final int place;
  private final Slot[] slots;
  private final boolean arePlain;

  /** The rules that are about a name; the place is that of the name among all. */
  CallRules(int place, String name, List<FaultRule> rules) {
    this.place = place;
    slots =
        IntStream.range(0, rules.size())
            .filter(i -> rules.get(i).calls().contains(name))
            .mapToObj(i -> Slot.of(rules.get(i), i))
            .toArray(Slot[]::new);
    arePlain = Arrays.stream(slots).allMatch(Slot::isPlain);
  }

  int place() {
    return place;
  }

  int size() {
    return slots.length;
  }

  Slot slot(int index) {
    return slots[index];
  }

  /** Whether all of them are. */
  boolean arePlain() {
    return arePlain;
  }

  /** The first call after some that a plain rule is for; {@link Long#MAX_VALUE} for none. */
  long next(long after) {
    return Arrays.stream(slots)
        .filter(Slot::isPlain)
        .mapToLong(slot -> slot.rule.when().next(after))
        .min()
        .orElse(Long.MAX_VALUE);
  }
}
