package io.sysmon;

import java.util.List;

/**
 * One traced task: a thread, in the kernel's words. The same object stands for it in every callback
 * of its life, so that it can be the key of a map; it may be kept and read from any thread.
 */
public interface TraceeTask {
  /**
   * The task's thread id, in the tracer's pid namespace. It changes when a thread other than the
   * leader calls execve(2): the thread then takes the leader's id.
   *
   * @return a positive number
   */
  int tid();

  /**
   * Its ids in the pid namespaces that it is in (pid_namespaces(7)). Inside a container, or behind
   * {@code unshare --pid}, a program counts otherwise than the tracer: the last number is the one
   * that gettid(2) gives it, and that fork(2) gave its parent if that is in the same namespace. All
   * other numbers that listeners see, {@link #tid()} above all, are the tracer's; results and
   * arguments of system calls, and {@link SigInfo}, are the program's.
   *
   * @return {@link #tid()} first, then one for each namespace inside the tracer's; read from {@code
   *     NSpid} of {@code /proc/TID/status}, by any thread
   * @throws TraceeDiedException when it has ended
   */
  List<Integer> namespaceTids();

  /**
   * The id of its process (thread group). Equal to {@link #tid()} for the leader.
   *
   * @return a positive number
   */
  default int pid() {
    return tracee().pid();
  }

  /**
   * The process that it belongs to.
   *
   * @return the handle, the same object for all its tasks
   */
  TraceeHandle tracee();

  /**
   * Sends a signal to this very task, as tgkill(2) does. Any thread, and callbacks: there it is
   * delivered when the task goes on, and {@link TraceeListener#onSignal} tells.
   *
   * @param signal the signal
   * @throws IllegalArgumentException when there is no signal of its number
   * @throws TraceeDiedException when the task has ended, or is about to, or is a thread that takes
   *     its leader's id by execve(2) at this moment
   */
  void signal(Signal signal);

  /**
   * Sends a signal with a value to this very task, as pthread_sigqueue(3) does. Real-time signals
   * are queued, and delivered in the order of their numbers and then of their sending; of each
   * other signal, one can be pending.
   *
   * @param signal the signal
   * @param value what its handler finds as {@code si_value}: a pointer, or an int
   * @throws IllegalArgumentException as {@link #signal(Signal)}
   * @throws TraceeDiedException as {@link #signal(Signal)}
   * @throws TraceException when the program's limit of queued signals is reached ({@code
   *     RLIMIT_SIGPENDING})
   */
  void signal(Signal signal, long value);

  /**
   * Whether it has not ended yet, as far as the tracer has been told, and is traced.
   *
   * @return false from its {@code onExit} or {@code onDetach} on
   */
  boolean isAlive();
}
