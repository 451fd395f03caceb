package io.sysmon.internal.engine;

import io.sysmon.internal.memory.GeneralRegisters;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;

/** A task that is made to sleep, and what it had before. */
final class Parked {
  private static final int ESRCH = 3;
  private static final long ALL_SIGNALS = -1L;

  private final byte[] registers;
  private final long signalMask;
  private final byte[] asleep;
  private final long code;
  private final int size;

  /**
   * Keeps it.
   *
   * @param registers all, with the number and result of the call that it was leaving, so that the
   *     kernel restarts one that was interrupted when they are put back
   * @param signalMask the program's
   * @param asleep the registers with which it sleeps
   * @param code where the code is that it sleeps in
   * @param size that code's, or 0 when it does not go on by itself
   */
  Parked(byte[] registers, long signalMask, byte[] asleep, long code, int size) {
    this.registers = registers;
    this.signalMask = signalMask;
    this.asleep = asleep;
    this.code = code;
    this.size = size;
  }

  /**
   * Detaches a task into its sleep. In this order, because it goes on as it is when the tracer is
   * killed between two of these.
   *
   * @return false when it was killed
   */
  boolean fallAsleep(int tid, Ptrace ptrace, GeneralRegisters general) {
    general.load(asleep);
    if (!general.write(tid) || ptrace.setSignalMask(tid, ALL_SIGNALS) == -ESRCH) {
      return false;
    }
    long result = ptrace.detach(tid, 0);
    if (result != -ESRCH) {
      SystemCallException.check(result, "PTRACE_DETACH", tid);
    }
    return result != -ESRCH;
  }

  /**
   * Puts back what it had, in its first stop; if it was killed, its end will be told.
   *
   * @return false when it has gone on by itself before, and has its own already
   */
  boolean wake(int tid, Ptrace ptrace, GeneralRegisters general) {
    if (!general.read(tid)) {
      return true;
    }
    long at = general.get(general.layout().instructionPointer()) - code;
    if (size > 0 && (at < 0 || at >= size)) {
      return false;
    }
    if (ptrace.setSignalMask(tid, signalMask) != -ESRCH) {
      general.load(registers);
      general.write(tid);
    }
    return true;
  }
}
