package io.sysmon;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * Sees system calls as tracees make them. {@link Listener} tells about threads and failures.
 *
 * <p>A call has one {@link #onEnter} and, in most cases, one {@link #onExit}. There is no exit for
 * a call that does not return to the program (exit(2), exit_group(2), a task killed inside). A call
 * that a signal interrupted and that the kernel restarts is entered again.
 *
 * <p>What looks at one side of calls only is said shortly by {@link #onEnter(Interest, Consumer)}
 * and {@link #onExit(Interest, Consumer)}.
 */
public non-sealed interface SyscallListener extends Listener {
  /**
   * Which calls this listener wants to see, asked once, when the tracer is built. The fewer, the
   * faster the tracee.
   *
   * @return by default every entry and every exit
   */
  default Interest interest() {
    return Interest.all();
  }

  /**
   * A task is about to make a system call (a syscall-enter-stop of ptrace(2)).
   *
   * @param call a view that is reused for the next stop: {@link SyscallStop#snapshot()} gives
   *     something to keep
   */
  default void onEnter(SyscallEnter call) {}

  /**
   * A system call has finished and its result is about to reach the program (a syscall-exit-stop).
   *
   * @param call a view that is reused for the next stop
   */
  default void onExit(SyscallExit call) {}

  /**
   * A listener of the entries of some calls, and of nothing else.
   *
   * @param calls which; that it may want their exits, too, is left aside
   * @param action what its {@link #onEnter(SyscallEnter)} does
   * @return the listener
   * @throws IllegalArgumentException when the interest is in exits only
   */
  static SyscallListener onEnter(Interest calls, Consumer<? super SyscallEnter> action) {
    return new EntryListener(calls.entries(), Objects.requireNonNull(action, "action"));
  }

  /**
   * A listener of the exits of some calls, and of nothing else.
   *
   * @param calls which; that it may want their entries, too, is left aside
   * @param action what its {@link #onExit(SyscallExit)} does
   * @return the listener
   * @throws IllegalArgumentException when the interest is in entries only
   */
  static SyscallListener onExit(Interest calls, Consumer<? super SyscallExit> action) {
    return new ExitListener(calls.exits(), Objects.requireNonNull(action, "action"));
  }
}
