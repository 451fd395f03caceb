package io.sysmon.internal.seccomp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rules for the calls of one audit architecture. Of x86_64 these include those of x32, by
 * numbers with bit 30 set. Immutable.
 */
public final class CallRules {
  private final int auditArch;
  private final List<Range> ranges;

  /**
   * Consecutive numbers with one rule.
   *
   * @param first the first of them, which reach to the next range; unsigned
   */
  record Range(int first, CallRule rule) {}

  /**
   * Takes the rules over.
   *
   * @param auditArch {@code AUDIT_ARCH_*} of linux/audit.h
   * @param rules by number, of which the lower 32 bits count, as in {@code struct seccomp_data}
   * @param others for every other number, −1 among them
   */
  public CallRules(int auditArch, Map<Integer, CallRule> rules, CallRule others) {
    this.auditArch = auditArch;
    TreeMap<Integer, CallRule> sorted = new TreeMap<>(Integer::compareUnsigned);
    sorted.putAll(rules);
    List<Range> found = new ArrayList<>();
    int next = 0;
    for (Map.Entry<Integer, CallRule> entry : sorted.entrySet()) {
      if (entry.getKey() != next) {
        add(found, next, others);
      }
      add(found, entry.getKey(), entry.getValue());
      next = entry.getKey() + 1;
    }
    if (next != 0 || found.isEmpty()) {
      add(found, next, others);
    }
    ranges = List.copyOf(found);
  }

  private static void add(List<Range> ranges, int first, CallRule rule) {
    if (ranges.isEmpty() || !ranges.get(ranges.size() - 1).rule.equals(rule)) {
      ranges.add(new Range(first, rule));
    }
  }

  int auditArch() {
    return auditArch;
  }

  /** They cover all numbers: the first begins with 0. */
  List<Range> ranges() {
    return ranges;
  }
}
