package io.sysmon.examples;

import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What the process ids of a pid namespace are in the tracer's (strace's --pidns-translation). */
final class PidTranslation {
  private PidTranslation() {}

  /**
   * Appends the tracer's number, if it is another one.
   *
   * @param caller the task that was given the id
   * @param pid the id, as the caller counts
   * @param known the tasks to look for it in
   */
  static void append(
      TraceeTask caller, long pid, Collection<TraceeTask> known, StringBuilder text) {
    int depth = namespaceTids(caller).size();
    if (depth < 2 || pid <= 0) {
      return;
    }
    for (TraceeTask task : known) {
      List<Integer> tids = namespaceTids(task);
      if (tids.size() == depth
          && tids.get(depth - 1) == pid
          && namespace(task).equals(namespace(caller))) {
        text.append(" /* ").append(task.tid()).append(" in strace's PID NS */");
        return;
      }
    }
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
  private static Optional<Path> namespace(TraceeTask task) {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of("/proc/" + task.tid() + "/ns/pid")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
