package io.sysmon.monitor;

import io.sysmon.ProcessInfo;

/**
 * Who does something, as it was known then.
 *
 * @param pid the process
 * @param parentPid the process that it was a child of when its program began
 * @param program the path of its program, or its name where that cannot be read
 * @param user the effective user's name, or the number
 * @param container the container's id or name; empty for none
 */
public record Actor(int pid, int parentPid, String program, String user, String container) {
  /**
   * Looks who a process is.
   *
   * @param pid the process
   * @return what is known; empty texts when it has ended
   */
  public static Actor of(int pid) {
    return ProcessInfo.of(pid)
        .map(
            process ->
                new Actor(
                    pid,
                    process.parentPid(),
                    process.executable().orElse(process.name()),
                    process.user(),
                    process.containerId().orElse("")))
        .orElse(new Actor(pid, 0, "", "", ""));
  }

  /** A child, which begins as what its parent is. */
  Actor forked(int child) {
    return new Actor(child, pid, program, user, container);
  }
}
