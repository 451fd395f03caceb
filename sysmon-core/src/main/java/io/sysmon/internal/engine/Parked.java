package io.sysmon.internal.engine;

/** What a task had when it was made to sleep in a call of ours. */
final class Parked {
  private final byte[] registers;
  private final long signalMask;

  /**
   * Keeps it.
   *
   * @param registers all, with the number and result of the call that it was leaving, so that the
   *     kernel restarts one that was interrupted when they are put back
   * @param signalMask the program's
   */
  Parked(byte[] registers, long signalMask) {
    this.registers = registers;
    this.signalMask = signalMask;
  }

  byte[] registers() {
    return registers;
  }

  long signalMask() {
    return signalMask;
  }
}
