package io.sysmon.internal.memory;

import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;

/**
 * The general registers of stopped tasks in the one layout that the architecture has, whatever code
 * a task runs. They are those of the task that was read last by the same {@link Ptrace}.
 */
public final class GeneralRegisters {
  private static final int ESRCH = 3;

  private final Ptrace ptrace;
  private final RegisterLayout layout;
  private final boolean getRegs;
  private boolean otherLayout;

  /** Uses the requests of the calling thread. */
  public GeneralRegisters(Ptrace ptrace, Architecture architecture) {
    this.ptrace = ptrace;
    layout = architecture.registers();
    getRegs = architecture.hasGetRegs();
  }

  /** Where each register is. */
  public RegisterLayout layout() {
    return layout;
  }

  /**
   * Reads all registers of a task.
   *
   * @return false when there are none: the task was killed in its stop, or {@link #otherLayout}
   */
  public boolean read(int tid) {
    long size = getRegs ? ptrace.getRegs(tid) : ptrace.getRegset(tid, Ptrace.NT_PRSTATUS);
    if (!isThere(size, getRegs ? "PTRACE_GETREGS" : "PTRACE_GETREGSET", tid)) {
      otherLayout = false;
      return false;
    }
    otherLayout = !getRegs && size != layout.size();
    return !otherLayout;
  }

  /**
   * Whether the last {@link #read} met a 32-bit task on a CPU that has another layout for those.
   */
  public boolean otherLayout() {
    return otherLayout;
  }

  /** Whether a task runs 32-bit code: its set {@code NT_PRSTATUS} has another size then. */
  public boolean runs32BitCode(int tid) {
    long size = ptrace.getRegset(tid, Ptrace.NT_PRSTATUS);
    return isThere(size, "PTRACE_GETREGSET", tid) && size != layout.size();
  }

  /**
   * Writes all registers to a task.
   *
   * @return false when the task was killed in its stop
   */
  public boolean write(int tid) {
    return getRegs
        ? isThere(ptrace.setRegs(tid), "PTRACE_SETREGS", tid)
        : isThere(
            ptrace.setRegset(tid, Ptrace.NT_PRSTATUS, layout.size()), "PTRACE_SETREGSET", tid);
  }

  private static boolean isThere(long result, String request, int tid) {
    if (result == -ESRCH) {
      // The task was in a stop, and this is its tracer: only SIGKILL ends that.
      return false;
    }
    SystemCallException.check(result, request, tid);
    return true;
  }

  /** A register, by its offset. */
  public long get(int offset) {
    return ptrace.register(offset);
  }

  /** Changes a register for the next {@link #write}. */
  public void set(int offset, long value) {
    ptrace.setRegister(offset, value);
  }

  /** Copies all registers out. */
  public void save(byte[] into) {
    ptrace.saveRegset(into);
  }

  /** Copies all registers back in. */
  public void load(byte[] from) {
    ptrace.loadRegset(from);
  }
}
