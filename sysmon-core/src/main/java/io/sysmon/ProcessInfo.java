package io.sysmon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /proc} tells of a process, traced or not (proc(5)). May be kept and used from any
 * thread.
 *
 * <p>Its numbers are those of the moment when it was made. The executable, command line, user and
 * cgroup are read when they are first asked for, and then kept: ask while the process lives. They
 * are empty for one that has ended, and where this JVM's user may not look.
 */
public final class ProcessInfo {
  private static final Path PROC = Path.of("/proc");
  private static final long PF_KTHREAD = 0x00200000;
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  /**
   * The index of the effective id in the line of {@code status}: behind its name and the real one.
   */
  private static final int EFFECTIVE = 2;

  private static final String DELETED = " (deleted)";

  private static final long NOBODY = -1;

  /** The indexes of fields of {@code stat}, counted behind the name (proc_pid_stat(5)). */
  private static final int STATE = 0;

  private static final int PARENT = 1;
  private static final int GROUP = 2;
  private static final int SESSION = 3;
  private static final int FLAGS = 6;
  private static final int START = 19;

  private final int pid;
  private final String name;
  private final String[] stat;

  /** Empty when it cannot be read; null when that has not been tried, as all that follow. */
  private @Nullable String executable;

  private @Nullable List<String> commandLine;

  /** {@link #NOBODY} when it cannot be read. */
  private @Nullable Long uid;

  private @Nullable Cgroups cgroups;

  private ProcessInfo(int pid, String name, String[] stat) {
    this.pid = pid;
    this.name = name;
    this.stat = stat;
  }

  /**
   * Looks at a process.
   *
   * @param pid its id, in this JVM's pid namespace
   * @return empty when there is no such process; one that has ended and was not reaped is there
   */
  public static Optional<ProcessInfo> of(int pid) {
    try {
      return Optional.of(parse(pid, text(PROC.resolve(pid + "/stat"))));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Of the text of {@code stat}. */
  static ProcessInfo parse(int pid, String stat) {
    // The name is in parentheses and may itself contain them.
    int nameEnd = stat.lastIndexOf(')');
    return new ProcessInfo(
        pid,
        stat.substring(stat.indexOf('(') + 1, nameEnd),
        stat.substring(nameEnd + 2).split(" ", START + 2));
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  /**
   * The process id.
   *
   * @return in this JVM's pid namespace
   */
  public int pid() {
    return pid;
  }

  /**
   * The process that it is a child of.
   *
   * @return 0 for one that has none in this pid namespace
   */
  public int parentPid() {
    return Integer.parseInt(stat[PARENT]);
  }

  /**
   * Its process group: the commands of a pipeline are one.
   *
   * @return the group's id
   */
  public int processGroup() {
    return Integer.parseInt(stat[GROUP]);
  }

  /**
   * Its session (setsid(2)): what was started from one terminal, for example.
   *
   * @return the session's id
   */
  public int session() {
    return Integer.parseInt(stat[SESSION]);
  }

  /**
   * When it began. With the id it tells a process from a later one that was given its number.
   *
   * @return clock ticks since the machine was started, 100 a second
   */
  public long startTicks() {
    return Long.parseLong(stat[START]);
  }

  /**
   * Whether it is a part of the kernel, which nobody can trace.
   *
   * @return true for a kernel thread
   */
  public boolean isKernelThread() {
    return (Long.parseLong(stat[FLAGS]) & PF_KTHREAD) != 0;
  }

  /**
   * Whether it had ended, and waited to be reaped by its parent.
   *
   * @return true for a zombie
   */
  public boolean isZombie() {
    return stat[STATE].equals("Z") || stat[STATE].equals("X");
  }

  /**
   * The name that {@code ps -e} shows: at most 15 bytes, and the program's to change (prctl(2),
   * {@code PR_SET_NAME}).
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * The program that it executes. Where that was removed or replaced since, the path that it had.
   *
   * @return a path as the process would write it: in a container, one in there
   */
  public synchronized Optional<String> executable() {
    if (executable == null) {
      executable = link("exe").map(ProcessInfo::withoutMark).orElse("");
    }
    return executable.isEmpty() ? Optional.empty() : Optional.of(executable);
  }

  private static String withoutMark(String link) {
    return link.endsWith(DELETED) ? link.substring(0, link.length() - DELETED.length()) : link;
  }

  private Optional<String> link(String file) {
    try {
      return Optional.of(Files.readSymbolicLink(PROC.resolve(pid + "/" + file)).toString());
    } catch (IOException e) {
      // It has ended, is the kernel's, or another user's.
      return Optional.empty();
    }
  }

  /**
   * Its command line, which it may have changed since it was executed.
   *
   * @return the words, the program's name first
   */
  public synchronized List<String> commandLine() {
    if (commandLine == null) {
      String words = file("cmdline");
      commandLine = words.isEmpty() ? List.of() : List.of(words.split("\0"));
    }
    return commandLine;
  }

  private String file(String file) {
    try {
      return text(PROC.resolve(pid + "/" + file));
    } catch (IOException e) {
      // It has ended, or is another user's.
      return "";
    }
  }

  /**
   * The effective user id.
   *
   * @return empty when the process had ended
   */
  public synchronized OptionalLong uid() {
    if (uid == null) {
      uid =
          file("status")
              .lines()
              .filter(line -> line.startsWith("Uid:"))
              .mapToLong(line -> Long.parseLong(BLANKS.split(line, EFFECTIVE + 2)[EFFECTIVE]))
              .findFirst()
              .orElse(NOBODY);
    }
    return uid == NOBODY ? OptionalLong.empty() : OptionalLong.of(uid);
  }

  /**
   * The effective user.
   *
   * @return the name, the number where it has none, or an empty text when the process had ended
   */
  public String user() {
    OptionalLong id = uid();
    return id.isPresent() ? nameOf(id.getAsLong()) : "";
  }

  private String nameOf(long id) {
    Path directory = PROC.resolve(Integer.toString(pid));
    try {
      // The JDK knows the names of files' owners. This directory's is the effective user, also of a
      // process that is not dumpable (fs/proc/base.c, task_dump_owner()), but later than the id.
      int owner = (Integer) Files.getAttribute(directory, "unix:uid");
      return owner == (int) id ? Files.getOwner(directory).getName() : Long.toString(id);
    } catch (IOException e) {
      return Long.toString(id);
    }
  }

  /**
   * The control group that it is in (cgroups(7)).
   *
   * @return the path in the unified hierarchy, or where that is {@code /} one in another hierarchy
   */
  public String cgroup() {
    return cgroups().path();
  }

  /**
   * The container that it is in, judging by the names of its control groups: those of Docker,
   * containerd, CRI-O, Podman, LXC and systemd-nspawn are known. Inside a container of its own the
   * JVM sees none of these names.
   *
   * @return the id of 64 hexadecimal digits, or the name
   */
  public Optional<String> containerId() {
    return cgroups().container();
  }

  private synchronized Cgroups cgroups() {
    if (cgroups == null) {
      cgroups = Cgroups.parse(file("cgroup"));
    }
    return cgroups;
  }

  /**
   * Compares the process, not what it does.
   *
   * @param other anything
   * @return true for the same process
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ProcessInfo process
        && process.pid == pid
        && process.startTicks() == startTicks();
  }

  @Override
  public int hashCode() {
    return Objects.hash(pid, startTicks());
  }

  @Override
  public String toString() {
    return "process " + pid + " (" + name + ")";
  }
}
