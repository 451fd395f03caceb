package io.sysmon.internal.permission;

import io.sysmon.TracePermissionException;

/** Explains the errors of {@code PTRACE_SEIZE}, by looking at this machine. */
public final class Permission {
  private static final Host HOST = new LinuxHost();

  private Permission() {}

  /**
   * {@code EPERM} for a task of another process.
   *
   * @param tid the task, a process's first thread or another one
   */
  public static TracePermissionException attachRefused(int tid) {
    return new TracePermissionException(Diagnosis.attachRefused(HOST, tid));
  }

  /**
   * {@code EPERM} for a child that this process has started in order to trace it.
   *
   * @param pid the child, not reaped yet
   */
  public static TracePermissionException childRefused(int pid) {
    return new TracePermissionException(Diagnosis.childRefused(HOST, pid));
  }

  /**
   * {@code ESRCH}: there is no such task, or none that this process can see.
   *
   * @param pid what was taken for a process's id
   * @return the message of an exception
   */
  public static String noSuchProcess(int pid) {
    return Diagnosis.noSuchProcess(HOST, pid);
  }

  /**
   * Whether the kernel permits to attach what it permits to read the memory of. Not if Yama has a
   * say, which lets whoever traces a process do more than others.
   */
  public static boolean isUpToTheTask() {
    return Diagnosis.isUpToTheTask(HOST);
  }

  /** Whether a task has ended and was not reaped yet; {@code EPERM} tells nothing else then. */
  public static boolean hasEnded(int tid) {
    return TaskStatus.of(HOST, tid).filter(TaskStatus::hasEnded).isPresent();
  }
}
