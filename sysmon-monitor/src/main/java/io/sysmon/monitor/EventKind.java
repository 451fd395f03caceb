package io.sysmon.monitor;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What can happen. The names are those of policies and of JSON, and stay. */
public enum EventKind {
  /** A process has executed a program: {@code path}, {@code arguments}, {@code parent}. */
  PROCESS_START("process.start"),
  /** A process has ended: {@code code} or {@code signal}. */
  PROCESS_EXIT("process.exit"),
  /** A file was opened for reading only: {@code path}. Not shown unless it is asked for. */
  FILE_READ("file.read"),
  /**
   * A file was opened for writing, or to be made, or truncated: {@code path}, {@code truncates}. Or
   * a directory, link, device or UNIX socket was made: {@code path}, {@code call}.
   */
  FILE_WRITE("file.write"),
  /** A file that was opened for writing is closed, and has changed meanwhile: {@code path}. */
  FILE_MODIFIED("file.modified"),
  /**
   * Permissions, owner, times or extended attributes of a file were changed: {@code path}, {@code
   * call}.
   */
  FILE_ATTRIBUTES("file.attributes"),
  /** A file was given another name: {@code path}, {@code to}. */
  FILE_RENAME("file.rename"),
  /** A file or directory was removed: {@code path}. */
  FILE_REMOVE("file.remove"),
  /** A socket was connected, or has begun to be: {@code address}. */
  NET_CONNECT("net.connect"),
  /** A connection was accepted: {@code address}, where the program asks for it. */
  NET_ACCEPT("net.accept"),
  /** A socket waits for connections: {@code address}, where it was seen to be bound. */
  NET_LISTEN("net.listen"),
  /** User or group ids or capabilities were changed: {@code call}, {@code before}, {@code user}. */
  PRIVILEGE("privilege"),
  /** A signal was sent: {@code signal}, {@code target}. */
  SIGNAL("signal"),
  /** Another process was traced: {@code request}, {@code target}. */
  PTRACE("ptrace"),
  /** A kernel module was loaded or removed: {@code call}. */
  MODULE("module"),
  /** The bpf system call was made: {@code command}. */
  BPF("bpf"),
  /** An io_uring was set up: what is done by it makes no system calls, and is not seen. */
  IO_URING("io_uring"),
  /** The monitor itself has something to tell: {@code message}. */
  MONITOR("monitor");

  private final String text;

  EventKind(String text) {
    this.text = text;
  }

  /**
   * The name in policies and in JSON.
   *
   * @return such as {@code file.write}
   */
  public String text() {
    return text;
  }

  /** Whether there is a file or a program that it is about. */
  boolean hasPath() {
    return this == PROCESS_START || text.startsWith("file.");
  }

  /** Whether there is a socket that it is about. */
  boolean hasAddress() {
    return text.startsWith("net.");
  }

  /**
   * The kinds that a name stands for.
   *
   * @param name of a kind, or the part before the dot of several, such as {@code file}
   * @return at least one
   * @throws BadPolicyException when there is no such kind
   */
  static Set<EventKind> named(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    Set<EventKind> kinds =
        Arrays.stream(values())
            .filter(kind -> kind.text.equals(wanted) || kind.text.startsWith(wanted + "."))
            .collect(Collectors.toSet());
    if (kinds.isEmpty()) {
      throw new BadPolicyException(
          "No event is named '"
              + name
              + "'; there are "
              + Arrays.stream(values()).map(EventKind::text).collect(Collectors.joining(", ")));
    }
    return kinds;
  }
}
