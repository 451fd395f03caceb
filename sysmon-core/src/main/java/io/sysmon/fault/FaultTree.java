package io.sysmon.fault;

import io.sysmon.TraceeHandle;
import java.util.LinkedHashSet;
import java.util.Set;

/** What was launched or attached, and all that came of it. Its tracer's thread. */
final class FaultTree {
  private final long[] counts;
  private final Set<TraceeHandle> processes = new LinkedHashSet<>();
  private int tasks;

  FaultTree(int rules) {
    counts = new long[rules];
  }

  void add(TraceeHandle process) {
    processes.add(process);
  }

  void remove(TraceeHandle process) {
    processes.remove(process);
  }

  /** Those that live. */
  Set<TraceeHandle> processes() {
    return processes;
  }

  /** Counts a call that a rule is about; from 1. */
  long count(int rule) {
    return ++counts[rule];
  }

  /** A number for a task: how many there were before it. */
  int nextTask() {
    return tasks++;
  }
}
