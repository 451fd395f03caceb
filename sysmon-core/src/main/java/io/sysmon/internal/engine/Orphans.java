package io.sysmon.internal.engine;

import io.sysmon.internal.sys.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Children whose first stop came before the fork event that names their parent. They are kept
 * stopped until that event. It never comes when the parent was killed in between, or was a thread
 * that another one's execve ended; then they are let go as children of a parent that is gone.
 *
 * <p>That nobody will announce a child cannot be asked of the kernel: its parent in {@code /proc}
 * is by then a subreaper, or a process that another thread has made another program. So it is given
 * time: an event that is on its way comes in microseconds.
 */
final class Orphans {
  /** Times the interval of {@code TracerThread}: 100 ms. */
  private static final int PATIENCE = 20;

  private static final int SIGKILL = 9;

  /** How many tasks' changes are remembered for children that nobody announces. */
  private static final int MOST_LOST_FORKS = 32;

  private final List<Task> early = new ArrayList<>();

  private final Deque<LostFork> lostForks = new ArrayDeque<>();

  boolean isEmpty() {
    return early.isEmpty();
  }

  /** A task nobody has announced yet. */
  Task stoppedEarly(int status, Tracee unknown) {
    Task task = new Task(unknown.pid(), unknown, TaskState.EARLY);
    task.firstStop = status;
    early.add(task);
    return task;
  }

  /** Takes it out, and gives the status of its first stop, which is still to be answered. */
  int remove(Task task) {
    early.remove(task);
    return task.firstStop;
  }

  void kill() {
    early.forEach(task -> Native.kill(task.tid(), SIGKILL));
  }

  /** A task has ended, and its address space is still that of the program that it ran. */
  void leave(Task task) {
    LostFork fork = LostFork.of(task);
    if (fork != null) {
      lostForks.removeIf(fork::isLike);
      lostForks.addLast(fork);
      if (lostForks.size() > MOST_LOST_FORKS) {
        lostForks.removeFirst();
      }
    }
  }

  /** What an orphan may have a copy of. */
  Iterable<LostFork> lostForks() {
    return lostForks;
  }

  /** Those whose patience is at its end; counts as one interval for the others. */
  List<Task> waitedLongEnough() {
    return early.stream().filter(task -> ++task.intervalsWaited > PATIENCE).toList();
  }

  /**
   * Those whose announcer can be no live task: children or threads of {@code process}, which has
   * ended or executed another program, and children of no live process at all.
   */
  List<Task> of(Tracee process, LiveTracees live) {
    List<Task> orphaned = new ArrayList<>();
    for (Task task : early) {
      Optional<Kin> kin = Kin.of(task.tid());
      // A task without /proc entry is dying; its end will be reported.
      if (kin.isPresent()
          && kin.get().isLeftBy(task.tid(), process.pid(), live::contains)
          && !mayBeMadeByASibling(task.tid(), kin.get(), process, live)) {
        orphaned.add(task);
      }
    }
    return orphaned;
  }

  /** {@code CLONE_PARENT}: its parent is that of the task that made it, which may be live. */
  private static boolean mayBeMadeByASibling(int tid, Kin kin, Tracee gone, LiveTracees live) {
    return kin.threadGroup == tid
        && live.all().stream()
            .anyMatch(other -> other != gone && ProcStatus.parent(other.pid()) == kin.parent);
  }

  /** What an orphan is to be known as from now on. */
  Task adopted(Task orphan, Tracee parent) {
    int tid = orphan.tid();
    boolean thread = Kin.of(tid).map(kin -> kin.threadGroup == parent.pid()).orElse(false);
    Tracee process = thread ? parent : parent.child(tid, false);
    return new Task(tid, process, TaskState.STOPPED);
  }

  /** What an orphan is to be known as from now on, by what the kernel tells of it now. */
  Task adopted(Task orphan, IntFunction<@Nullable Tracee> live) {
    int tid = orphan.tid();
    Optional<Kin> kin = Kin.of(tid);
    Tracee group = kin.map(Kin::threadGroup).map(live::apply).orElse(null);
    Tracee parent = kin.map(Kin::parent).map(live::apply).orElse(null);
    if (group != null) {
      return new Task(tid, group, TaskState.STOPPED);
    }
    return new Task(
        tid, parent == null ? orphan.process() : parent.child(tid, false), TaskState.STOPPED);
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
