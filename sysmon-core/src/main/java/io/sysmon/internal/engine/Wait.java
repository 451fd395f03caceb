package io.sysmon.internal.engine;

import static java.util.Map.entry;

import io.sysmon.internal.memory.VmTransfer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call that waits, and that a signal has interrupted of which its program knows nothing. The
 * kernel wakes a traced task for a signal that it ignores, too (kernel/signal.c sig_ignored());
 * then most calls are restarted, but these answer {@code EINTR} (signal(7)). So they are made again
 * by us, until the time is over that the program gave them.
 */
final class Wait {
  /** Not known, so that the call cannot be made again: it might wait forever. */
  private static final long UNKNOWN = -1;

  private static final long NO_LIMIT = Long.MAX_VALUE;
  private static final int EAGAIN = 11;
  private static final int IORING_ENTER_EXT_ARG = 8;
  private static final long NANOS_OF_MILLI = 1_000_000;
  private static final long NANOS_OF_SECOND = 1_000_000_000;

  /** A century. */
  private static final long MOST_SECONDS = 100L * 365 * 24 * 3600;

  /**
   * How long a call waits.
   *
   * @param nanos from its arguments
   * @param onTimeout what it returns when the time is over
   */
  private record Limit(Nanos nanos, long onTimeout) {}

  private interface Nanos {
    long of(Task task, VmTransfer transfer);
  }

  /**
   * Those whose time a socket option limits are not here: read(2), recv(2), accept(2) and alike.
   */
  private static final Map<String, Limit> LIMITS =
      Map.ofEntries(
          entry("epoll_wait", new Limit(millis(3), 0)),
          entry("epoll_pwait", new Limit(millis(3), 0)),
          entry("epoll_pwait2", new Limit(timespec(3), 0)),
          entry("io_getevents", new Limit(timespec(4), 0)),
          entry("io_pgetevents", new Limit(timespec(4), 0)),
          entry("io_uring_enter", new Limit(Wait::unlessExtended, 0)),
          entry("rt_sigtimedwait", new Limit(timespec(2), -EAGAIN)),
          entry("semop", new Limit((task, transfer) -> NO_LIMIT, 0)),
          entry("semtimedop", new Limit(timespec(3), -EAGAIN)));

  private final long onTimeout;

  /** {@link System#nanoTime()} at which the time is over; meaningless without a limit. */
  private final long deadline;

  private final boolean limited;
  private boolean hasClock;

  private Wait(long onTimeout, long begun, long nanos) {
    this.onTimeout = onTimeout;
    limited = nanos != NO_LIMIT;
    deadline = begun + nanos;
  }

  /**
   * The wait that a task leaves with {@code EINTR} for the first time.
   *
   * @param name the call
   * @return null when it is no call of this kind, or its time is not known
   */
  static @Nullable Wait of(Task task, String name, VmTransfer transfer) {
    Limit limit = LIMITS.get(name);
    if (limit == null) {
      return null;
    }
    long nanos = limit.nanos.of(task, transfer);
    long begun = task.enteredNanos == 0 ? System.nanoTime() : task.enteredNanos;
    return nanos == UNKNOWN ? null : new Wait(limit.onTimeout, begun, nanos);
  }

  private static Nanos millis(int argument) {
    return (task, transfer) -> {
      int millis = (int) task.arguments[argument];
      return millis < 0 ? NO_LIMIT : millis * NANOS_OF_MILLI;
    };
  }

  private static Nanos timespec(int argument) {
    return (task, transfer) -> {
      long address = task.arguments[argument];
      if (address == 0) {
        return NO_LIMIT;
      }
      byte[] timespec = new byte[2 * Long.BYTES];
      // The structures of 32-bit programs have other layouts.
      if (task.argumentMask != -1
          || transfer.read(task.tid(), address, timespec.length) != timespec.length) {
        return UNKNOWN;
      }
      transfer.get(0, timespec, 0, timespec.length);
      ByteBuffer words = ByteBuffer.wrap(timespec).order(ByteOrder.nativeOrder());
      long seconds = words.getLong(0);
      return seconds > MOST_SECONDS
          ? NO_LIMIT
          : seconds * NANOS_OF_SECOND + words.getLong(Long.BYTES);
    };
  }

  private static long unlessExtended(Task task, VmTransfer transfer) {
    return (task.arguments[3] & IORING_ENTER_EXT_ARG) == 0 ? NO_LIMIT : UNKNOWN;
  }

  /** What the call returns when its time is over. */
  long onTimeout() {
    return onTimeout;
  }

  /** Whether the caller has to see to it that the wait ends in time: true once. */
  boolean needsClock() {
    boolean first = limited && !hasClock;
    hasClock = true;
    return first;
  }

  boolean isOver() {
    return limited && System.nanoTime() - deadline >= 0;
  }

  /** Not negative. */
  long nanosLeft() {
    return Math.max(0, deadline - System.nanoTime());
  }
}
