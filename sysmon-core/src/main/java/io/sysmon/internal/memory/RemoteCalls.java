package io.sysmon.internal.memory;

import io.sysmon.TraceeDiedException;
import io.sysmon.decode.SyscallTable;
import io.sysmon.internal.event.StopKind;
import io.sysmon.internal.event.WaitStatus;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;

/**
 * Makes system calls inside a tracee that this thread has seized, by pointing its registers at the
 * system call instruction that it last executed.
 *
 * <p>When the tracee ends meanwhile, its end has been taken out of the thread's wait queue by the
 * time {@link TraceeDiedException} is thrown: there is nothing left to reap.
 *
 * <p>The tracee's signals should be blocked ({@link Ptrace#setSignalMask}); {@link #stopSignal} has
 * the one that comes all the same.
 */
public final class RemoteCalls {
  private final Ptrace ptrace;
  private final Architecture architecture;
  private final RegisterLayout layout;
  private final int tid;
  private final byte[] registers;
  private final boolean ofProgram;
  private final long instruction;
  private int stopSignal;

  private RemoteCalls(Ptrace ptrace, Architecture architecture, int tid, boolean ofProgram) {
    this.ofProgram = ofProgram;
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.layout = architecture.registers();
    this.tid = tid;
    registers = new byte[layout.size()];
    readRegisters();
    ptrace.saveRegset(registers);
    instruction =
        SyscallInstruction.of(
            ptrace, architecture, tid, ptrace.register(layout.instructionPointer()));
  }

  /**
   * Runs a stopped tracee on to the next system call that it makes, and takes that call's place: it
   * is skipped, and the tracee is left in its exit stop. For a tracee whose own code will not go
   * on.
   *
   * @throws TraceeDiedException when it ended on the way
   */
  public static RemoteCalls takeOver(Ptrace ptrace, Architecture architecture, int tid) {
    resume(ptrace, tid, Ptrace.SYSCALL_INFO_ENTRY, false);
    RemoteCalls calls = new RemoteCalls(ptrace, architecture, tid, false);
    calls.skip();
    return calls;
  }

  /**
   * Takes the place of the call that a tracee is in the entry stop of; {@link #restore} brings it
   * back to that stop.
   *
   * @throws TraceeDiedException when it ended on the way, or another thread's execve took its
   *     place; the event is left for {@link Ptrace#waitAny}
   */
  public static RemoteCalls insteadOf(Ptrace ptrace, Architecture architecture, int tid) {
    RemoteCalls calls = new RemoteCalls(ptrace, architecture, tid, true);
    calls.skip();
    return calls;
  }

  /** Continues after the call that a tracee is in the exit stop of; else as {@link #insteadOf}. */
  public static RemoteCalls after(Ptrace ptrace, Architecture architecture, int tid) {
    return new RemoteCalls(ptrace, architecture, tid, true);
  }

  /** What the call of the stop returned: the raw register. */
  public long resultBefore() {
    ptrace.loadRegset(registers);
    return ptrace.register(layout.result());
  }

  /**
   * The stop signal that came meanwhile, or 0: signals can be blocked, {@code SIGSTOP} cannot. It
   * takes effect for a program that goes on, whose other threads stop; the task itself runs on, and
   * {@code PTRACE_INTERRUPT} then brings it to the stop that its process is in, if it still is.
   */
  public int stopSignal() {
    return stopSignal;
  }

  /**
   * Puts the registers back.
   *
   * @param toEntry whether it was in an entry stop: it then enters its own call again
   * @throws TraceeDiedException when it ended meanwhile
   */
  public void restore(boolean toEntry) {
    ptrace.loadRegset(registers);
    if (!toEntry) {
      writeRegisters();
      return;
    }
    long number = ptrace.register(layout.enteredNumber());
    ptrace.setRegister(layout.instructionPointer(), instruction);
    ptrace.setRegister(layout.enteredNumber(), -1);
    ptrace.setRegister(layout.callNumber(), number);
    writeRegisters();
    resumeTo(Ptrace.SYSCALL_INFO_ENTRY);
  }

  /**
   * Makes a system call and waits for its result.
   *
   * @param name its name in the native ABI
   * @return the result, minus the errno when it failed
   * @throws TraceeDiedException when the tracee ended meanwhile
   */
  public long call(String name, long... arguments) {
    enter(name, arguments);
    resumeTo(Ptrace.SYSCALL_INFO_EXIT);
    return ptrace.infoResult();
  }

  /**
   * Brings the tracee, which is in an exit stop, into the entry stop of a system call.
   *
   * @param name its name in the native ABI
   * @throws TraceeDiedException when the tracee ended meanwhile
   */
  public void enter(String name, long... arguments) {
    ptrace.loadRegset(registers);
    ptrace.setRegister(layout.instructionPointer(), instruction);
    // Not in a call any more: else the kernel might "restart" what it takes for an interrupted one.
    ptrace.setRegister(layout.enteredNumber(), -1);
    ptrace.setRegister(layout.callNumber(), number(name));
    for (int i = 0; i < arguments.length; i++) {
      ptrace.setRegister(layout.argument(i), arguments[i]);
    }
    writeRegisters();
    resumeTo(Ptrace.SYSCALL_INFO_ENTRY);
  }

  private int number(String name) {
    int number = SyscallTable.get().abi(architecture.abis().get(0).name()).number(name);
    if (number < 0) {
      throw new IllegalArgumentException(architecture.name() + " has no system call " + name);
    }
    return number;
  }

  private void skip() {
    if (architecture.numberRegset() == 0) {
      ptrace.setRegister(layout.enteredNumber(), -1);
      writeRegisters();
    } else {
      ptrace.setRegister(0, 0xffffffffL);
      check(ptrace.setRegset(tid, architecture.numberRegset(), Integer.BYTES), "PTRACE_SETREGSET");
    }
    resumeTo(Ptrace.SYSCALL_INFO_EXIT);
  }

  private void readRegisters() {
    check(ptrace.getRegset(tid, Ptrace.NT_PRSTATUS), "PTRACE_GETREGSET");
  }

  private void writeRegisters() {
    check(ptrace.setRegset(tid, Ptrace.NT_PRSTATUS, layout.size()), "PTRACE_SETREGSET");
  }

  private void check(long result, String request) {
    if (result == -3 /* ESRCH: it was killed while stopped */) {
      throw ofProgram ? ended(tid) : died(ptrace, tid);
    }
    SystemCallException.check(result, request, tid);
  }

  private static TraceeDiedException ended(int tid) {
    return new TraceeDiedException("Task " + tid + " ended during an injected system call");
  }

  /** Runs on to a syscall stop, and keeps a stop signal that came on the way. */
  private void resumeTo(int operation) {
    int stopped = resume(ptrace, tid, operation, ofProgram);
    if (stopped != 0) {
      stopSignal = stopped;
    }
  }

  private static int resume(Ptrace ptrace, int tid, int operation, boolean ofProgram) {
    int stopSignal = 0;
    int deliver = 0;
    while (true) {
      ptrace.syscall(tid, deliver);
      deliver = 0;
      SystemCallException.check(
          ofProgram ? ptrace.waitForTracee(tid) : ptrace.waitFor(tid), "wait4", tid);
      StopKind kind = WaitStatus.kind(ptrace.status());
      if (ofProgram && (kind.isEnd() || kind == StopKind.EXEC)) {
        ptrace.keep(tid);
        throw ended(tid);
      }
      if (kind.isEnd()) {
        throw ended(tid);
      }
      if (kind == StopKind.SYSCALL && ptrace.syscallInfo(tid) == operation) {
        return stopSignal;
      }
      if (kind == StopKind.SIGNAL || kind == StopKind.GROUP_STOP) {
        stopSignal = WaitStatus.stopSignal(ptrace.status());
        deliver = ofProgram && kind == StopKind.SIGNAL ? stopSignal : 0;
      }
    }
  }

  /** Takes its end out of the wait queue, so that who catches this has nothing left to reap. */
  private static TraceeDiedException died(Ptrace ptrace, int tid) {
    while (ptrace.waitFor(tid) == tid && !WaitStatus.kind(ptrace.status()).isEnd()) {
      // A stop that it was in before it was killed.
    }
    return ended(tid);
  }
}
