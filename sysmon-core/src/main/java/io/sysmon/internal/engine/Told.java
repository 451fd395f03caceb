package io.sysmon.internal.engine;

/**
 * The system calls of one process that listeners may be told of, of those that they want: [abi]
 * [index] as in {@link Listeners}. Immutable.
 */
final class Told {
  private final byte[][] calls;
  private final boolean nothing;

  /**
   * Keeps it.
   *
   * @param calls what of each call
   * @param nothing whether none of its calls needs to be seen
   */
  Told(byte[][] calls, boolean nothing) {
    this.calls = calls;
    this.nothing = nothing;
  }

  boolean includes(Task task, int what) {
    return (calls[task.abi][task.index] & what) != 0;
  }

  /** Whether none of the process's calls needs to be seen. */
  boolean isNothing() {
    return nothing;
  }
}
