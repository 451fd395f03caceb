package io.sysmon;

import java.util.HashSet;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;

/**
 * All processes but one, its descendants, its ancestors and its process group, as far as these can
 * be told by parents' ids.
 */
final class OtherProcesses implements Predicate<ProcessInfo> {
  /** A chain of parents that is longer has changed while it was followed. */
  private static final int LONGEST = 4096;

  private final int self;
  private final int group;
  private final IntUnaryOperator parentOf;
  private final Set<Integer> ancestors = new HashSet<>();

  /**
   * Looks for the ancestors.
   *
   * @param self a process
   * @param group its process group
   * @param parentOf the parent of a process, 0 when there is none
   */
  OtherProcesses(int self, int group, IntUnaryOperator parentOf) {
    this.self = self;
    this.group = group;
    this.parentOf = parentOf;
    // Not the first process of all: it is everybody's ancestor, and no terminal.
    for (int pid = parentOf.applyAsInt(self); pid > 1 && ancestors.add(pid); ) {
      pid = parentOf.applyAsInt(pid);
    }
  }

  static OtherProcesses thanThisJvm() {
    int self = (int) ProcessHandle.current().pid();
    int group = ProcessInfo.of(self).map(ProcessInfo::processGroup).orElse(0);
    return new OtherProcesses(
        self, group, pid -> ProcessInfo.of(pid).map(ProcessInfo::parentPid).orElse(0));
  }

  @Override
  public boolean test(ProcessInfo process) {
    return process.pid() != self
        && process.processGroup() != group
        && !ancestors.contains(process.pid())
        && !isDescendant(process);
  }

  private boolean isDescendant(ProcessInfo process) {
    int parent = process.parentPid();
    for (int steps = 0; parent > 1 && steps < LONGEST; steps++) {
      if (parent == self) {
        return true;
      }
      parent = parentOf.applyAsInt(parent);
    }
    return false;
  }
}
