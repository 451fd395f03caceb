package io.sysmon.fault;

import org.jspecify.annotations.Nullable;

/** What the rules know of a task. Its tracer's thread. */
final class TaskFaults {
  /** How many calls of a name there were: all, and for each rule those that it is about. */
  static final class Counts {
    private final long[] ofRules;
    private long all;

    /** The next call that a plain rule is for, so that those before it cost one comparison. */
    private long next;

    private Counts(CallRules rules) {
      ofRules = new long[rules.size()];
      next = rules.next(0);
    }

    /** Counts a call; true when a plain rule is for it. */
    boolean isDue(CallRules rules) {
      all++;
      if (all < next) {
        return false;
      }
      next = rules.next(all);
      return true;
    }

    /** Counts the call for a rule that is about it; from 1. */
    long count(CallRules.Slot slot, int index) {
      return slot.isPlain() ? all : ++ofRules[index];
    }
  }

  private final FaultTree tree;
  private final int place;
  private final Injection injection;
  private final @Nullable Counts[] counts;
  private boolean beginning;

  TaskFaults(FaultTree tree, int names) {
    this.tree = tree;
    counts = new Counts[names];
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

  /** How many calls of a name there were. */
  Counts counts(CallRules rules) {
    Counts known = counts[rules.place()];
    if (known == null) {
      known = new Counts(rules);
      counts[rules.place()] = known;
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
