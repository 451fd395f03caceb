package io.sysmon.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What a path means to a process now: as written, and with symbolic links followed. */
final class PathForms {
  private static final int AT_FDCWD = -100;

  private PathForms() {}

  /**
   * Without {@code .} and {@code ..}, from the root on.
   *
   * @param tid whose working directory and descriptors count
   * @param directory a descriptor, or {@code AT_FDCWD}
   */
  static String absolute(int tid, int directory, String path) {
    if (path.startsWith("/")) {
      return normal(path);
    }
    String base = link("/proc/" + tid + (directory == AT_FDCWD ? "/cwd" : "/fd/" + directory));
    return base.startsWith("/") ? normal(base + "/" + path) : path;
  }

  /** Also of a file, a pipe, or a socket. */
  static String ofDescriptor(int tid, int descriptor) {
    return link("/proc/" + tid + "/fd/" + descriptor);
  }

  private static String link(String link) {
    try {
      return Files.readSymbolicLink(Path.of(link)).toString();
    } catch (IOException e) {
      // No such descriptor: the call will fail.
      return "";
    }
  }

  private static String normal(String path) {
    Deque<String> names = new ArrayDeque<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        names.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.addLast(name);
      }
    }
    return "/" + String.join("/", names);
  }

  /**
   * All that are known.
   *
   * @param tid who names it
   * @param absolute as {@link #absolute} gives it
   */
  static List<String> all(int tid, String absolute) {
    if (!absolute.startsWith("/") || !seesOurFiles(tid)) {
      return List.of(absolute);
    }
    String real = real(absolute);
    return real.equals(absolute) ? List.of(absolute) : List.of(absolute, real);
  }

  /** In another mount namespace, or with another root, its paths mean other files than here. */
  private static boolean seesOurFiles(int tid) {
    return link("/proc/" + tid + "/ns/mnt").equals(link("/proc/self/ns/mnt"))
        && link("/proc/" + tid + "/root").equals(link("/proc/self/root"));
  }

  /** Of what does not exist yet: of the directory that it will be in. */
  private static String real(String absolute) {
    try {
      Path path = Path.of(absolute);
      try {
        return path.toRealPath().toString();
      } catch (IOException e) {
        Path directory = path.getParent();
        return directory == null
            ? absolute
            : directory.toRealPath().resolve(path.getFileName()).toString();
      }
    } catch (IOException | InvalidPathException e) {
      return absolute;
    }
  }
}
