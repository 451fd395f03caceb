package io.sysmon.internal.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Children whose first stop came before the fork event that names their parent. They are kept
 * stopped until that event. It never comes when the parent was killed in between; then they are let
 * go as children of a parent that is gone.
 */
final class Orphans {
  private final List<Task> early = new ArrayList<>();

  boolean isEmpty() {
    return early.isEmpty();
  }

  /** A task nobody has announced yet. */
  Task stoppedEarly(int tid, Failures failures, Thread owner) {
    Task task = new Task(tid, new Tracee(tid, null, failures, owner), TaskState.EARLY);
    early.add(task);
    return task;
  }

  void remove(Task task) {
    early.remove(task);
  }

  /**
   * Those whose announcer can be no live task: children or threads of {@code process}, which has
   * ended or executed another program, and children of no live process at all.
   */
  List<Task> of(Tracee process, IntPredicate isLive) {
    List<Task> orphaned = new ArrayList<>();
    for (Task task : early) {
      Optional<Kin> kin = Kin.of(task.tid());
      // A task without /proc entry is dying; its end will be reported.
      if (kin.isPresent() && kin.get().isLeftBy(task.tid(), process.pid(), isLive)) {
        orphaned.add(task);
      }
    }
    return orphaned;
  }

  /** What an orphan is to be known as from now on. */
  Task adopted(Task orphan, Tracee parent, Thread owner) {
    int tid = orphan.tid();
    boolean thread = Kin.of(tid).map(kin -> kin.threadGroup == parent.pid()).orElse(false);
    Tracee process = thread ? parent : new Tracee(tid, parent, parent.failures(), owner);
    return new Task(tid, process, TaskState.STOPPED);
  }

  /** Thread group and parent process of a task, from {@code /proc/TID/status}. */
  private record Kin(int threadGroup, int parent) {
    static Optional<Kin> of(int tid) {
      try {
        int threadGroup = 0;
        int parent = 0;
        for (String line : Files.readAllLines(Path.of("/proc/" + tid + "/status"))) {
          if (line.startsWith("Tgid:")) {
            threadGroup = Integer.parseInt(line.substring(5).trim());
          } else if (line.startsWith("PPid:")) {
            parent = Integer.parseInt(line.substring(5).trim());
          }
        }
        return Optional.of(new Kin(threadGroup, parent));
      } catch (IOException e) {
        return Optional.empty();
      }
    }

    boolean isLeftBy(int tid, int gone, IntPredicate isLive) {
      int announcer = threadGroup == tid ? parent : threadGroup;
      return announcer == gone || !isLive.test(announcer);
    }
  }
}
