package io.sysmon.internal.engine;

import io.sysmon.TraceException;
import io.sysmon.TraceeDiedException;
import java.util.List;

/** By which of a process's tasks its memory can be reached. Any thread. */
final class MemoryReach {
  private final int pid;
  private final List<Task> tasks;
  private final TraceeEnd end;

  /**
   * The way to a process's memory.
   *
   * @param tasks those of the process, as they come and go
   */
  MemoryReach(int pid, List<Task> tasks, TraceeEnd end) {
    this.pid = pid;
    this.tasks = tasks;
    this.end = end;
  }

  /** A task that has not ended; whether it has memory is for the attempt to show. */
  int liveTask() {
    for (Task task : tasks) {
      if (task.isAlive()) {
        return task.tid();
      }
    }
    throw gone();
  }

  /**
   * A task by which the memory can be reached. A leader that has ended before its threads has none
   * any more, nor has a thread whose end has not been reported yet.
   */
  int task() {
    int tid = findTask();
    if (tid == 0) {
      throw gone();
    }
    return tid;
  }

  /** As {@link #task}, but 0 when there is none. */
  int findTask() {
    for (Task task : tasks) {
      if (task.isAlive() && ProcStatus.hasMemory(task.tid())) {
        return task.tid();
      }
    }
    return 0;
  }

  private TraceException gone() {
    return end.isDetached()
        ? end.outOfReach()
        : new TraceeDiedException("Process " + pid + " has ended; its memory is gone");
  }
}
