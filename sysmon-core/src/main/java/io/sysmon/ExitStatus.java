package io.sysmon;

import org.jspecify.annotations.Nullable;

/**
 * How a task ended, as wait(2) tells it.
 *
 * @param code the exit code, 0 to 255; 0 when a signal ended it
 * @param signal the signal that ended it, or null
 * @param coreDumped whether the kernel says that it wrote a core dump
 * @param supersededBy the thread whose execve(2) took this task's place, or 0. Only the leader of a
 *     multi-threaded process can end this way (ptrace(2), "execve(2) under ptrace").
 */
public record ExitStatus(int code, @Nullable Signal signal, boolean coreDumped, int supersededBy) {

  /**
   * The status of a task that called exit(2).
   *
   * @param code the exit code, 0 to 255
   * @return the status
   */
  public static ExitStatus exited(int code) {
    return new ExitStatus(code, null, false, 0);
  }

  /**
   * The status of a task that a signal ended.
   *
   * @param signal the signal
   * @param coreDumped whether a core dump was written
   * @return the status
   */
  public static ExitStatus killed(Signal signal, boolean coreDumped) {
    return new ExitStatus(0, signal, coreDumped, 0);
  }

  /**
   * The status of a thread group leader that vanished because another thread called execve(2).
   *
   * @param tid the thread that called it, by the id that it had before
   * @return the status
   */
  public static ExitStatus superseded(int tid) {
    return new ExitStatus(0, null, false, tid);
  }

  /**
   * What {@link Process#exitValue()} and a shell's {@code $?} would be: the code, or 128 plus the
   * signal's number.
   *
   * @return 0 to 255
   */
  public int exitValue() {
    return signal == null ? code : 128 + signal.number();
  }

  /**
   * Whether it ended by exit code, not by a signal nor by another thread's execve.
   *
   * @return true when {@link #code()} has a meaning
   */
  public boolean isExited() {
    return signal == null && supersededBy == 0;
  }

  @Override
  public String toString() {
    if (signal != null) {
      return "killed by " + signal.name() + (coreDumped ? " (core dumped)" : "");
    }
    return supersededBy != 0
        ? "superseded by execve in pid " + supersededBy
        : "exited with " + code;
  }
}
