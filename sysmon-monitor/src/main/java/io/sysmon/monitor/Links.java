package io.sysmon.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Follows symbolic links as the kernel does for a task, path_resolution(7): what {@code /proc/self}
 * is depends on who asks, and a link may lead to what does not exist yet.
 */
final class Links {
  /** {@code MAXSYMLINKS}, linux/namei.h. */
  private static final int MOST = 40;

  /** What {@code self} of a {@code /proc} leads to for who looks here. */
  private static final Path US = Path.of(String.valueOf(ProcessHandle.current().pid()));

  private final int pid;
  private final int tid;
  private final Path root;

  /**
   * @param root where absolute paths begin, and what {@code ..} does not leave
   */
  Links(int pid, int tid, Path root) {
    this.pid = pid;
    this.tid = tid;
    this.root = root;
  }

  /**
   * Where a path leads.
   *
   * @param path from the top on; one that is not below the root is of a task that was somewhere
   *     else when it changed its root directory, and leaves it
   * @return without links; null when there are more than the kernel follows
   */
  @Nullable Path follow(Path path) {
    Deque<Path> names = new ArrayDeque<>();
    Path at = path.startsWith(root) ? root : path.getRoot();
    push(names, PathForms.rest(path, at));
    int links = 0;
    while (!names.isEmpty()) {
      Path name = names.pop();
      String text = name.toString();
      if (text.equals("..")) {
        at = above(at);
      } else if (!text.isEmpty() && !text.equals(".")) {
        Path next = at.resolve(name);
        Path target = target(next);
        if (target == null) {
          at = next;
        } else if (++links > MOST) {
          return null;
        } else {
          at = target.isAbsolute() ? root : at;
          push(names, target);
        }
      }
    }
    return at;
  }

  private static void push(Deque<Path> names, Path path) {
    for (int i = path.getNameCount() - 1; i >= 0; i--) {
      names.push(path.getName(i));
    }
  }

  private Path above(Path directory) {
    Path parent = directory.getParent();
    return parent == null || directory.equals(root) ? directory : parent;
  }

  /** Null for what is no link, does not exist, or must not be looked at. */
  private @Nullable Path target(Path file) {
    try {
      return Files.isSymbolicLink(file) ? asked(file, Files.readSymbolicLink(file)) : null;
    } catch (IOException e) {
      // It was removed meanwhile.
      return null;
    }
  }

  /** As the task would be told, wherever a {@code /proc} is mounted, proc_pid(5). */
  private Path asked(Path link, Path target) {
    if (link.endsWith("self") && target.equals(US)) {
      return Path.of(String.valueOf(pid));
    }
    return link.endsWith("thread-self") && target.startsWith(US.resolve("task"))
        ? Path.of(pid + "/task/" + tid)
        : target;
  }
}
