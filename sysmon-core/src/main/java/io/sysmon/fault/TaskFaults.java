package io.sysmon.fault;

import java.util.HashMap;
import java.util.Map;

/** What the rules know of a task. Its tracer's thread. */
final class TaskFaults {
  private final FaultTree tree;
  private final int place;
  private final Injection injection;
  private final Map<String, long[]> counts = new HashMap<>();
  private boolean beginning;

  TaskFaults(FaultTree tree) {
    this.tree = tree;
    place = tree.nextTask();
    injection = new Injection(tree.processes());
  }

  FaultTree tree() {
    return tree;
  }

  Injection injection() {
    return injection;
  }

  /** Says whether the task is about to become the program that was launched. */
  void begins(boolean is) {
    beginning = is;
  }

  boolean isBeginning() {
    return beginning;
  }

  /** For each rule about the calls of a name: how many there were. */
  long[] counts(String name, int rules) {
    long[] known = counts.get(name);
    if (known == null) {
      known = new long[rules];
      counts.put(name, known);
    }
    return known;
  }

  /** The randomness of a rule for a call: the same in each run that makes the same calls. */
  long seed(FaultRule rule, int number, String name, long count) {
    long which = rule.counting() == Counting.TREE ? count : count * 31 + place;
    int what = rule.counting() == Counting.TREE ? number : 31 * number + name.hashCode();
    return Chance.mix(Chance.mix(rule.seed() + what) + which);
  }
}
