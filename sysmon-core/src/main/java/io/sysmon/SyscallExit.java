package io.sysmon;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task whose system call has finished. Number and arguments are those that the kernel was given
 * at the entry, also when the program that made the call is gone (execve).
 */
public interface SyscallExit extends SyscallStop {
  /**
   * What the call returns, as the kernel gives it.
   *
   * @return the result; minus the errno when {@link #failed()}. Results from −512 to −516 mean that
   *     a signal interrupted the call and the kernel will restart it or turn it into {@code EINTR}.
   */
  long result();

  /**
   * Changes what the program sees as the result. The call has been made all the same.
   *
   * @param result the value, or minus an errno; of i386, it must fit into 32 bits
   * @throws IllegalArgumentException when it does not fit
   */
  void setResult(long result);

  /**
   * Whether the call failed.
   *
   * @return true when {@link #result()} is minus an errno
   */
  boolean failed();

  /**
   * The error of a call that failed.
   *
   * @return null when it did not fail, or with one of the kernel's internal restart codes
   */
  @Nullable Errno errno();

  /**
   * How long the call took from its entry stop's end, in nanoseconds of {@link System#nanoTime()},
   * tracing included.
   *
   * @return 0 when the entry was not seen
   */
  long durationNanos();

  /**
   * How long the call took.
   *
   * @return {@link #durationNanos()} as a duration
   */
  default Duration duration() {
    return Duration.ofNanos(durationNanos());
  }

  /**
   * Lets the call return later. The tracer's thread does not wait: other tasks go on. Signals, but
   * for {@code SIGKILL}, come when it has returned. Of several delays the longest counts.
   *
   * @param delay how much later
   * @throws IllegalArgumentException when it is negative
   */
  void delay(Duration delay);
}
