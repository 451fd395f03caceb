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

  private static final Path SELF = Path.of("/proc/self");
  private static final Path THREAD_SELF = Path.of("/proc/thread-self");

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
   * @param path from the root on
   * @return without links; null when there are more than the kernel follows
   */
  @Nullable Path follow(Path path) {
    Deque<Path> names = new ArrayDeque<>();
    push(names, path);
    Path at = root;
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
    return parent == null || directory.equals(root) ? root : parent;
  }

  /** Null for what is no link, does not exist, or must not be looked at. */
  private @Nullable Path target(Path file) {
    if (file.equals(SELF)) {
      return Path.of(String.valueOf(pid));
    }
    if (file.equals(THREAD_SELF)) {
      return Path.of(pid + "/task/" + tid);
    }
    try {
      return Files.isSymbolicLink(file) ? Files.readSymbolicLink(file) : null;
    } catch (IOException e) {
      // It was removed meanwhile.
      return null;
    }
  }
}
