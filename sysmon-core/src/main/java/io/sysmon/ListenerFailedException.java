package io.sysmon;

/**
 * A listener's callback threw. The tracee went on as if the listener had asked for nothing.
 *
 * <p>Thrown by {@link TraceeHandle#waitFor()} and {@link Tracer#awaitTracees()}, handed to the
 * failure handler of the builder, with what the callback threw as its cause; later failures of the
 * same tree of processes are its suppressed exceptions (the first {@value #MAX_SUPPRESSED}).
 */
public class ListenerFailedException extends TraceException {
  private static final long serialVersionUID = 1L;

  /** How many later failures are kept as suppressed exceptions. */
  public static final int MAX_SUPPRESSED = 16;

  /**
   * Creates the exception.
   *
   * @param message which callback of which listener, for which task
   * @param cause what the callback threw
   */
  public ListenerFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
