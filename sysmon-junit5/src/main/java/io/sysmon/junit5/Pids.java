package io.sysmon.junit5;

import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import java.util.Set;

/** Remembers the ids of all tasks. */
record Pids(Set<Integer> known) implements TraceeListener {
  @Override
  public void onStart(TraceeTask task) {
    known.add(task.tid());
  }
}
