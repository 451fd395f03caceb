package io.sysmon.internal.seccomp;

import org.jspecify.annotations.Nullable;

/**
 * What a filter answers for a system call.
 *
 * @param action a {@code SECCOMP_RET_*} value of linux/seccomp.h, data included
 * @param test what an argument must be for it; else the call is allowed. Null when it is for all
 */
public record CallRule(int action, @Nullable ArgumentTest test) {
  /** {@code SECCOMP_RET_ALLOW}. */
  public static final int RET_ALLOW = 0x7fff0000;

  /** {@code SECCOMP_RET_TRACE}, without its data. */
  public static final int RET_TRACE = 0x7ff00000;

  /** {@code SECCOMP_RET_ERRNO}, without the errno. */
  public static final int RET_ERRNO = 0x00050000;

  /** The call is made, at its native speed. */
  public static final CallRule ALLOW = new CallRule(RET_ALLOW, null);

  private static final int MAX_DATA = 0xffff;

  /** {@code MAX_ERRNO} of linux/err.h: seccomp lowers a greater one to it. */
  private static final int MAX_ERRNO = 4095;

  private static final int ARGUMENTS = 6;

  /**
   * A condition on the lower 32 bits of an argument, which is all of an {@code int}.
   *
   * @param argument 0 to 5
   * @param mask the bits to look at
   * @param value what they must be
   */
  public record ArgumentTest(int argument, int mask, int value) {
    /** Checks the index. */
    public ArgumentTest {
      if (argument < 0 || argument >= ARGUMENTS) {
        throw new IllegalArgumentException("There is no argument " + argument);
      }
    }
  }

  /**
   * The call stops for the tracer.
   *
   * @param data 16 bits, by which the tracer knows its own filter
   */
  public static CallRule trace(int data) {
    return new CallRule(RET_TRACE | checked(data, 0, MAX_DATA), null);
  }

  /** The call is not made, and fails. */
  public static CallRule fail(int errno) {
    return new CallRule(RET_ERRNO | checked(errno, 1, MAX_ERRNO), null);
  }

  private static int checked(int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(value + " is not in " + least + " to " + most);
    }
    return value;
  }

  /** The same answer, only when an argument meets the test. */
  public CallRule when(ArgumentTest condition) {
    return new CallRule(action, condition);
  }
}
