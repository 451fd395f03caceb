package io.sysmon.internal.permission;

import java.util.Optional;
import java.util.OptionalLong;

/** What a diagnosis sees of the machine: files of {@code /proc} and {@code /sys}, and one trial. */
interface Host {
  /** The content of a file; empty when it is not there or not readable. */
  Optional<String> text(String path);

  /** Where a symbolic link points to; empty when it is not there or not readable. */
  Optional<String> link(String path);

  /**
   * Whether reading a symbolic link of {@code /proc/PID} answers {@code EACCES}. The kernel then
   * denies the weaker {@code PTRACE_MODE_READ_FSCREDS}: the same rules but those that are for
   * attaching only, Yama's, many a security module's and the filter's of seccomp.
   */
  boolean isDenied(String link);

  /** The user id of a file's owner; empty when it is not there. */
  OptionalLong owner(String path);

  /** Whether ptrace(2) answers {@code EPERM} where only a seccomp filter can have done so. */
  boolean filtersPtrace();
}
