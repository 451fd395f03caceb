package io.sysmon;

import org.jspecify.annotations.Nullable;

/** Base of the unchecked exceptions of this library; its subclasses are named for what happened. */
public class TraceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what happened and what to do about it
   */
  public TraceException(String message) {
    super(message);
  }

  /**
   * Creates the exception with the failure that led to it.
   *
   * @param message what happened and what to do about it
   * @param cause the failure behind it, or null
   */
  public TraceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
