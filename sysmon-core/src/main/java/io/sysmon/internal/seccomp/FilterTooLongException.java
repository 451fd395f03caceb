package io.sysmon.internal.seccomp;

/** A filter has more instructions than the kernel takes. */
public final class FilterTooLongException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FilterTooLongException(int length) {
    super(
        "The filter would have "
            + length
            + " instructions, and the kernel takes "
            + FilterProgram.MAX_LENGTH);
  }
}
