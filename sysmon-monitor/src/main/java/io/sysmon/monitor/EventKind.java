package io.sysmon.monitor;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What can happen, and what the {@link Event#details() details} of each are: texts, if nothing else
 * is said. Those of any kind are at {@link Event}. The names are those of policies and of JSON, and
 * stay.
 */
public enum EventKind {
  /**
   * A process has executed a program: its {@code path}, with links followed; {@code arguments}, a
   * list of texts; {@code parent}, the path of the parent's program. When it was denied, or has
   * failed: only the {@code path} that was given.
   */
  PROCESS_START("process.start"),
  /** A process has ended: its {@code code}, a {@link Long}, or the {@code signal}'s name. */
  PROCESS_EXIT("process.exit"),
  /** A file was opened for reading only: its {@code path}. Not shown unless it is asked for. */
  FILE_READ("file.read"),
  /**
   * A file was opened for writing, or to be made, or truncated: its {@code path}, and {@code
   * truncates}, a {@link Boolean} that is true or not there. Or a directory, link, device or UNIX
   * socket was made: its {@code path}, and the {@code call}.
   */
  FILE_WRITE("file.write"),
  /** A file that was opened for writing is closed, and has changed meanwhile: its {@code path}. */
  FILE_MODIFIED("file.modified"),
  /**
   * Permissions, owner, times or extended attributes of a file were changed: its {@code path}, and
   * the {@code call}.
   */
  FILE_ATTRIBUTES("file.attributes"),
  /** A file was given another name, or one more: its {@code path}, and the new one, {@code to}. */
  FILE_RENAME("file.rename"),
  /** A file or directory was removed: its {@code path}. */
  FILE_REMOVE("file.remove"),
  /**
   * A socket was connected, or has begun to be, or something was sent to an address: the {@code
   * address}, and all {@code addresses}, a list, where they are several; such as {@code
   * 1.2.3.4:80}, {@code [::1]:80}, {@code unix:/run/x}, {@code unix:@abstract} or {@code family
   * 16}.
   */
  NET_CONNECT("net.connect"),
  /** A connection was accepted: the peer's {@code address}, where the program asks for it. */
  NET_ACCEPT("net.accept"),
  /** A socket waits for connections: its {@code address}, where it was seen to be bound. */
  NET_LISTEN("net.listen"),
  /**
   * User or group ids or capabilities were changed: the {@code call}; when it has succeeded also
   * the effective user {@code before} and now, {@code user}, by name or number.
   */
  PRIVILEGE("privilege"),
  /**
   * A signal was sent: its name, {@code signal}, and the {@code target}: a pid or tid as the
   * program gives it, or {@code pidfd N}.
   */
  SIGNAL("signal"),
  /**
   * A trace was begun, or a tracee written to: the {@code request}, such as {@code SEIZE}, and the
   * {@code target}, a tid as the program gives it.
   */
  PTRACE("ptrace"),
  /** A kernel module was loaded or removed: the {@code call}. */
  MODULE("module"),
  /** The bpf system call was made: the {@code command}'s number, a {@link Long}. */
  BPF("bpf"),
  /**
   * An io_uring was set up, without details: what is done by it makes no system calls, and is not
   * seen.
   */
  IO_URING("io_uring"),
  /**
   * The monitor itself has something to tell: the {@code message}. Of a process that is slowed also
   * {@code slowed}, in per cent of its time, {@code stops}, a second, and {@code since}, a time as
   * in ISO 8601; of events that are missing, {@code dropped}, how many: {@link Long}s.
   */
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
