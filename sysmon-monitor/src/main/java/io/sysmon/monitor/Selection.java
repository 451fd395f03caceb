package io.sysmon.monitor;

import io.sysmon.ProcessInfo;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which processes are monitored. Of each of the first two lists one has to match, an empty one says
 * nothing.
 *
 * @param users by name
 * @param only patterns of programs' paths, and of control groups as {@code cgroup:/system.slice/**}
 * @param exclude patterns alike, of what is left out
 */
public record Selection(Set<String> users, List<String> only, List<String> exclude)
    implements Predicate<ProcessInfo> {
  /**
   * A selection.
   *
   * @throws BadPolicyException when there is no such user
   */
  public Selection {
    users.forEach(Users::require);
  }

  private static final String CGROUP = "cgroup:";

  @Override
  public boolean test(ProcessInfo process) {
    return (users.isEmpty() || users.contains(process.user()))
        && (only.isEmpty() || only.stream().anyMatch(pattern -> matches(pattern, process)))
        && exclude.stream().noneMatch(pattern -> matches(pattern, process));
  }

  private static boolean matches(String pattern, ProcessInfo process) {
    if (pattern.startsWith(CGROUP)) {
      return Glob.of(pattern.substring(CGROUP.length())).matches(process.cgroup());
    }
    String path = process.executable().orElse("");
    // A name without a slash is that of a program wherever it is.
    return pattern.contains("/")
        ? Glob.of(pattern).matches(path)
        : Glob.of(pattern).matches(path.substring(path.lastIndexOf('/') + 1));
  }
}
