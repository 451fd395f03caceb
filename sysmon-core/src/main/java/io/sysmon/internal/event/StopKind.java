package io.sysmon.internal.event;

/** What a wait status means under {@code PTRACE_SEIZE}, and thereby how it is answered. */
public enum StopKind {
  /** The task called exit: there is nothing to resume. */
  EXITED,
  /** A signal ended the task: there is nothing to resume. */
  KILLED,
  /** A syscall-enter-stop or a syscall-exit-stop: resume without a signal. */
  SYSCALL,
  /** A signal-delivery-stop: resume with the signal. */
  SIGNAL,
  /** A group-stop: answer with {@code PTRACE_LISTEN}. */
  GROUP_STOP,
  /** A new child's first stop, the answer to an interrupt, or the end of a group-stop: resume. */
  TRAP,
  /** {@code PTRACE_EVENT_FORK}: resume without a signal. */
  FORK,
  /** {@code PTRACE_EVENT_VFORK}: resume without a signal. */
  VFORK,
  /** {@code PTRACE_EVENT_CLONE}: resume without a signal. */
  CLONE,
  /** {@code PTRACE_EVENT_EXEC}: resume without a signal. */
  EXEC,
  /** {@code PTRACE_EVENT_SECCOMP}: a seccomp filter hands a call to the tracer. */
  SECCOMP,
  /** An event that was not asked for: resume without a signal. */
  OTHER;

  /**
   * Whether the task stopped on its way from the kernel to its program, or was stopped before it
   * got there: it is in no system call, or leaving one.
   */
  public boolean isOutsideCalls() {
    return this == SIGNAL || this == GROUP_STOP || this == TRAP;
  }

  /** Whether the task is gone, rather than stopped. */
  public boolean isEnd() {
    return this == EXITED || this == KILLED;
  }
}
