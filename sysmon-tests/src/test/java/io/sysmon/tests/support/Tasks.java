package io.sysmon.tests.support;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Tasks of this machine as {@code /proc} shows them, whoever traces them. */
public final class Tasks {
  private static final Path PROC = Path.of("/proc");
  private static final String NUMBERS = "[0-9]*";
  private static final List<String> DETAILS = List.of("status", "wchan", "syscall", "stack");

  private Tasks() {}

  /** One task. A task that ended while it was being read is simply not there. */
  public record Task(
      int pid,
      int tid,
      int parent,
      int session,
      int tracer,
      String state,
      String name,
      long startTime) {
    @Override
    public String toString() {
      return name
          + " (pid "
          + pid
          + ", tid "
          + tid
          + ", state "
          + state
          + ", parent "
          + parent
          + (tracer == 0 ? "" : ", traced by " + tracer)
          + ")";
    }
  }

  /** The processes whose parent is this JVM, zombies included, and all tasks that it traces. */
  public static Set<Task> ours() {
    return belongingTo((int) ProcessHandle.current().pid());
  }

  /**
   * The processes whose parent is the given one, zombies included, and all tasks that it traces.
   */
  public static Set<Task> belongingTo(int owner) {
    // TracerPid is the id of the tracing thread.
    Set<Integer> threads = of(owner);
    return all(task -> task.parent == owner || threads.contains(task.tracer)).stream()
        .filter(task -> task.pid != owner)
        .collect(Collectors.toSet());
  }

  /** The tasks of a session. */
  public static Set<Task> ofSession(int leader) {
    return all(task -> task.session == leader);
  }

  private static Set<Task> all(Predicate<Task> which) {
    Set<Task> all = new HashSet<>();
    for (int pid : numbers(PROC)) {
      for (int tid : of(pid)) {
        read(pid, tid).filter(which).ifPresent(all::add);
      }
    }
    return all;
  }

  /** The leader of a process, if there is such a process. */
  public static Optional<Task> process(int pid) {
    return read(pid, pid);
  }

  /** Whether it is still there and no zombie, which whoever adopts orphans may leave unreaped. */
  public static boolean isAlive(Task task) {
    return read(task.pid, task.tid)
        .filter(now -> now.startTime == task.startTime && !"ZX".contains(now.state))
        .isPresent();
  }

  /** The tasks of a process, by id. */
  public static Set<Integer> of(int pid) {
    return new TreeSet<>(numbers(PROC.resolve(pid + "/task")));
  }

  /** The tasks of a process. */
  public static List<Task> tasksOf(int pid) {
    return of(pid).stream().flatMap(tid -> read(pid, tid).stream()).toList();
  }

  /** The letters of the states that the tasks of a process are in. */
  public static Set<String> statesOf(int pid) {
    return tasksOf(pid).stream().map(Task::state).collect(Collectors.toSet());
  }

  /** All that {@code /proc} tells about a process, its threads and its descendants. */
  public static String describe(int pid) {
    StringBuilder text = new StringBuilder();
    for (int tid : of(pid)) {
      for (String detail : DETAILS) {
        Path file = PROC.resolve(pid + "/task/" + tid + "/" + detail);
        text.append("--- ").append(file).append('\n').append(content(file)).append('\n');
      }
    }
    for (int child : numbers(PROC)) {
      if (process(child).map(Task::parent).orElse(0) == pid) {
        text.append(describe(child));
      }
    }
    return text.toString();
  }

  private static Optional<Task> read(int pid, int tid) {
    Path directory = PROC.resolve(pid + "/task/" + tid);
    try {
      String stat = Files.readString(directory.resolve("stat"));
      // The name is in parentheses and may itself contain them.
      int nameEnd = stat.lastIndexOf(')');
      String[] fields = stat.substring(nameEnd + 2).split(" ", -1);
      List<String> status = Files.readAllLines(directory.resolve("status"));
      return Optional.of(
          new Task(
              pid,
              tid,
              Integer.parseInt(fields[1]),
              Integer.parseInt(fields[3]),
              Integer.parseInt(value(status, "TracerPid:")),
              // Of the same reading: a task that is reaped between two has no tracer any more.
              value(status, "State:").substring(0, 1),
              stat.substring(stat.indexOf('(') + 1, nameEnd),
              Long.parseLong(fields[19])));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String value(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).strip())
        .findFirst()
        .orElseThrow();
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static List<Integer> numbers(Path directory) {
    List<Integer> numbers = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, NUMBERS)) {
      for (Path entry : entries) {
        numbers.add(Integer.valueOf(entry.getFileName().toString()));
      }
    } catch (IOException | DirectoryIteratorException e) {
      // The process ended while it was being listed: what was found is all there is.
      return numbers;
    }
    return numbers;
  }
}
