package io.sysmon.internal.sys;

import io.sysmon.Errno;
import io.sysmon.TraceException;

/** A system call of the tracer itself failed where that is no ordinary outcome. */
public final class SystemCallException extends TraceException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /** Tells that {@code what} failed with {@code errno}. */
  public SystemCallException(String what, int errno) {
    super(what + " failed: " + describe(errno));
    this.errno = errno;
  }

  /** The error number. */
  public int errno() {
    return errno;
  }

  /** {@code result} when it is not negative; throws when it is minus an errno. */
  public static long check(long result, String request, int tid) {
    if (result < 0) {
      throw new SystemCallException(request + " of task " + tid, (int) -result);
    }
    return result;
  }

  private static String describe(int number) {
    return Errno.find(number)
        .map(errno -> errno.name() + " (" + errno.message() + ")")
        .orElse("error " + number);
  }
}
