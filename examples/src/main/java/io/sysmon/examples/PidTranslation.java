package io.sysmon.examples;

import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the process ids of a pid namespace are in the tracer's (strace's --pidns-translation).
 * Tracer thread only.
 */
final class PidTranslation {
  /** The last child of each task, which may have ended before the call that made it returns. */
  private final Map<TraceeTask, Task> children = new HashMap<>();

  /**
   * A task, and its numbers.
   *
   * @param tids the outermost first
   * @param namespace where the innermost counts; empty when the task has ended
   */
  private record Task(int tid, List<Integer> tids, Optional<Path> namespace) {
    static Task of(TraceeTask task) {
      return new Task(task.tid(), namespaceTids(task), namespaceOf(task));
    }

    boolean is(long pid, Task caller) {
      int depth = caller.tids.size();
      return tids.size() == depth
          && tids.get(depth - 1) == pid
          && namespace.equals(caller.namespace);
    }
  }

  /** A task has been made, and has not run yet. */
  void forked(TraceeTask parent, TraceeTask child) {
    children.put(parent, Task.of(child));
  }

  /** A task will not be asked about any more. */
  void ended(TraceeTask task) {
    children.remove(task);
  }

  /**
   * Appends the tracer's number, if it is another one.
   *
   * @param task the task that was given the id
   * @param pid the id, as the task counts
   * @param known the tasks to look for it in
   */
  void append(TraceeTask task, long pid, Collection<TraceeTask> known, StringBuilder text) {
    Task caller = Task.of(task);
    if (caller.tids.size() < 2 || pid <= 0) {
      return;
    }
    Stream.concat(Stream.ofNullable(children.get(task)), known.stream().map(Task::of))
        .filter(candidate -> candidate.is(pid, caller))
        .findFirst()
        .ifPresent(found -> text.append(" /* ").append(found.tid).append(" in strace's PID NS */"));
  }

  /** Empty when it has ended. */
  private static List<Integer> namespaceTids(TraceeTask task) {
    try {
      return task.namespaceTids();
    } catch (TraceeDiedException e) {
      return List.of();
    }
  }

  /** Where the task's children are counted is another link, {@code pid_for_children}. */
  private static Optional<Path> namespaceOf(TraceeTask task) {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of("/proc/" + task.tid() + "/ns/pid")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
