package io.sysmon;

/**
 * Sees tasks begin, multiply, change program, get signals and end. {@link Listener} tells about
 * threads and failures.
 *
 * <p>A task's life: {@link #onStart} first, {@link #onExit} or {@link #onDetach} last, each exactly
 * once. A new child has {@link #onFork} right before its {@link #onStart}, whichever of the two
 * stops the kernel happened to report first.
 */
public non-sealed interface TraceeListener extends Listener {
  /** How a task came to be: the ptrace event that announced it. */
  enum ForkKind {
    /** By fork(2), or clone(2) with {@code SIGCHLD} as its exit signal. */
    FORK,
    /** By vfork(2), or clone(2) with {@code CLONE_VFORK}. */
    VFORK,
    /** By another clone(2) or clone3(2), threads among them. */
    CLONE
  }

  /**
   * A task is traced from now on, and has not run since. A launched program is before its execve, a
   * task of an attached process wherever it happened to be.
   *
   * @param task the task
   */
  default void onStart(TraceeTask task) {}

  /**
   * A task made another one. The child has not run yet.
   *
   * <p>Not called when the parent was killed before the kernel could report the fork; the child
   * then has just its {@link #onStart}.
   *
   * @param parent the task that called fork, vfork, clone or clone3
   * @param child the new task; {@link TraceeTask#pid()} tells a thread from a process
   * @param kind which event reported it
   */
  default void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {}

  /**
   * A task has become another program: execve(2) succeeded and has not returned yet.
   *
   * @param task the task, with the id that it has now
   * @param formerTid the id it had before; another one than now when a thread other than the leader
   *     called execve (it takes the leader's id, the other threads end)
   */
  default void onExec(TraceeTask task, int formerTid) {}

  /**
   * A signal is about to be delivered (a signal-delivery-stop), and may be suppressed or replaced.
   * {@code SIGKILL} has none, nor have signals that the program takes by sigwaitinfo(2) or
   * signalfd(2). Also called from within {@link SyscallStop#syscall}, for {@code SIGSTOP}.
   *
   * @param stop a view that is reused for the next stop
   */
  default void onSignal(SignalStop stop) {}

  /**
   * A task has stopped because a signal stopped its process (a group-stop). It stays stopped until
   * {@code SIGCONT}, as it would untraced.
   *
   * @param task the task
   * @param signal {@code SIGSTOP}, {@code SIGTSTP}, {@code SIGTTIN} or {@code SIGTTOU}
   */
  default void onGroupStop(TraceeTask task, Signal signal) {}

  /**
   * A task was let go ({@link TraceeHandle#detach()}): it goes on untraced, and this is the last
   * that is told of it.
   *
   * @param task the task
   */
  default void onDetach(TraceeTask task) {}

  /**
   * A task has ended; nothing can be asked of it.
   *
   * @param task the task
   * @param status how it ended
   */
  default void onExit(TraceeTask task, ExitStatus status) {}

  /**
   * The tracer was closed, and has told all that it had to tell. Called once, on the thread that
   * closes it.
   */
  default void onClose() {}
}
