package io.sysmon.internal.engine;

/** How the system call stops of a process come about. */
enum Filtering {
  /** It has no filter of ours: its calls stop by {@code PTRACE_SYSCALL}. */
  NONE,
  /** Our filter decides which calls stop. */
  BY_FILTER,
  /**
   * It has, or may have, our filter, and filters itself too. A stronger action of its own filter
   * would hide a call from ours, so that all its calls stop by {@code PTRACE_SYSCALL} again.
   */
  FOLLOWED
}
