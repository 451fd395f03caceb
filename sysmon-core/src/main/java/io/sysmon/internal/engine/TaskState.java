package io.sysmon.internal.engine;

/**
 * Where a task is in its life under the tracer.
 *
 * <pre>{@code
 * fork event first                    first stop first
 *      |                                    |
 *  ANNOUNCED                              EARLY (stopped)
 *      | first stop                         | fork event, or the parent is gone
 *      +----------------> RUNNING <---------+
 *                         |    ^
 *                    stop |    | resumed
 *                         v    |
 *                        STOPPED        any state -> ENDED
 *
 *  SEIZED: attached; RUNNING from its first stop on.
 *  STOPPED -> KEPT -> ARRIVING -> STOPPED: handed over to another tracer thread.
 * }</pre>
 */
enum TaskState {
  /** Its parent's fork event named it; it has not stopped yet. */
  ANNOUNCED,
  /** It has stopped before its parent's fork event, and is kept so until it. */
  EARLY,
  /** It was attached and has not stopped yet. */
  SEIZED,
  /** It runs, sleeps in a call, or is in a group-stop: the tracer waits for it. */
  RUNNING,
  /** It is in a stop that is being answered. */
  STOPPED,
  /**
   * It is in an entry stop and waits there for the answer of a {@link Hold}, or in an exit stop
   * until its call is to return.
   */
  HELD,
  /** It is in a stop, and kept there until all of its process are, which is handed over then. */
  KEPT,
  /** It sleeps, untraced, in a call of ours: another tracer thread takes it over. */
  ARRIVING,
  /** It is gone, or was let go and is not traced any more. */
  ENDED
}
