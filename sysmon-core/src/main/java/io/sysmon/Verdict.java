package io.sysmon;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of a system call that was held at its entry. Immutable.
 *
 * @param kind what to do
 * @param result what a call that is not made returns: a value, or minus an errno
 */
public record Verdict(Kind kind, long result) {
  private static final Verdict PROCEED = new Verdict(Kind.PROCEED, 0);

  /** What to do. */
  public enum Kind {
    /** The kernel makes the call. */
    PROCEED,
    /** The kernel does not make the call; the program sees {@link Verdict#result()}. */
    SKIP
  }

  /**
   * The call is made.
   *
   * @return the verdict
   */
  public static Verdict proceed() {
    return PROCEED;
  }

  /**
   * The call is not made and returns a value.
   *
   * @param result what the program sees
   * @return the verdict
   */
  public static Verdict skip(long result) {
    return new Verdict(Kind.SKIP, result);
  }

  /**
   * The call is not made and fails.
   *
   * @param errno the error that the program sees
   * @return the verdict
   */
  public static Verdict fail(Errno errno) {
    return new Verdict(Kind.SKIP, -errno.number());
  }

  /**
   * The error that the program sees.
   *
   * @return null when it sees none
   */
  public @Nullable Errno errno() {
    return kind == Kind.SKIP && result < 0 && result >= -4095
        ? Errno.find((int) -result).orElse(null)
        : null;
  }
}
