package io.sysmon.monitor;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of a process by which it may write to files: those that it had when it was
 * attached, and those that it was seen to open. The tracer thread of the process.
 */
final class OpenFiles {
  /**
   * An open file. Descriptors of several processes may be of the same one.
   *
   * @param path where it is
   * @param truncated whether opening it has changed it already
   * @param before what it was like
   * @param descriptors that are open
   */
  private record OpenFile(Path path, boolean truncated, State before, AtomicInteger descriptors) {
    /** Whether a descriptor that was closed is the last, and the file has changed. */
    boolean isModifiedAtLast() {
      return descriptors.decrementAndGet() == 0 && (truncated || State.of(path).isLater(before));
    }
  }

  /**
   * What a write changes. A kernel from 6.13 on gives a file that was looked at a new time at the
   * next change, however soon; before, changes within one tick may have the same.
   */
  private record State(String content, String file) {
    private static final State NONE = new State("", "");

    /** Not so for another file, which has come in its place. */
    boolean isLater(State before) {
      return file.equals(before.file) && !equals(before);
    }

    static State of(Path file) {
      try {
        Map<String, Object> now = Files.readAttributes(file, "unix:size,ctime,ino,isRegularFile");
        return Boolean.TRUE.equals(now.get("isRegularFile"))
            ? new State(now.get("size") + " " + now.get("ctime"), String.valueOf(now.get("ino")))
            : NONE;
      } catch (IOException e) {
        // It was removed, or never was a file.
        return NONE;
      }
    }
  }

  private static final Pattern FLAGS = Pattern.compile("flags:\\s+(\\d+)");
  private static final int OCTAL = 8;
  private static final int O_ACCMODE = 3;
  private static final int O_PATH = 0x200000;

  private final Map<Integer, OpenFile> byDescriptor = new HashMap<>();

  /** Those of a process that runs. */
  static OpenFiles of(int pid) {
    OpenFiles files = new OpenFiles();
    for (String descriptor : descriptors(pid)) {
      if (isForWriting(pid, descriptor)) {
        files.opened(pid, Integer.parseInt(descriptor), false);
      }
    }
    return files;
  }

  private static String[] descriptors(int pid) {
    String[] names = new File("/proc/" + pid + "/fd").list();
    // None when it has ended, or must not be looked at.
    return names == null ? new String[0] : names;
  }

  /** proc_pid_fdinfo(5). */
  private static boolean isForWriting(int pid, String descriptor) {
    try {
      Path link = Path.of("/proc/" + pid + "/fd/" + descriptor);
      if (!Files.readSymbolicLink(link).isAbsolute()) {
        // A pipe or a socket: most are.
        return false;
      }
      String info = Files.readString(Path.of("/proc/" + pid + "/fdinfo/" + descriptor));
      Matcher flags = FLAGS.matcher(info);
      int bits = flags.find() ? Integer.parseInt(flags.group(1), OCTAL) : O_PATH;
      return (bits & O_ACCMODE) != 0 && (bits & O_PATH) == 0;
    } catch (IOException e) {
      // Closed meanwhile.
      return false;
    }
  }

  /** A file was opened for writing. */
  void opened(int pid, int descriptor, boolean truncates) {
    Path link = Path.of("/proc/" + pid + "/fd/" + descriptor);
    State state = State.of(link);
    if (state.equals(State.NONE)) {
      return;
    }
    try {
      Path path = Files.readSymbolicLink(link);
      put(descriptor, new OpenFile(path, truncates, state, new AtomicInteger()));
    } catch (IOException e) {
      // Closed meanwhile by another thread.
      return;
    }
  }

  private void put(int descriptor, OpenFile file) {
    file.descriptors.incrementAndGet();
    byDescriptor.put(descriptor, file);
  }

  /**
   * A descriptor was made a copy of another one.
   *
   * @return the file that the copy was of before, and that has changed and is closed now
   */
  @Nullable String copied(int from, int to) {
    if (from == to) {
      return null;
    }
    String modified = closed(to);
    OpenFile file = byDescriptor.get(from);
    if (file != null) {
      put(to, file);
    }
    return modified;
  }

  /** Gives the path of a file that has changed and is closed now. */
  @Nullable String closed(int descriptor) {
    OpenFile file = byDescriptor.remove(descriptor);
    return file != null && file.isModifiedAtLast() ? file.path.toString() : null;
  }

  boolean contains(int descriptor) {
    return byDescriptor.containsKey(descriptor);
  }

  /** Those of which the process has no descriptors any more. */
  List<String> closedMeanwhile(int pid) {
    List<String> modified = new ArrayList<>();
    for (Integer descriptor : List.copyOf(byDescriptor.keySet())) {
      if (Files.notExists(
          Path.of("/proc/" + pid + "/fd/" + descriptor), LinkOption.NOFOLLOW_LINKS)) {
        String path = closed(descriptor);
        if (path != null) {
          modified.add(path);
        }
      }
    }
    return modified;
  }

  /** The descriptors of a child, which has them in common with its parent. */
  OpenFiles inherited() {
    OpenFiles child = new OpenFiles();
    byDescriptor.forEach(child::put);
    return child;
  }
}
