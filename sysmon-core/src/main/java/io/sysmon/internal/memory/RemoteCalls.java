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
 * <p>The tracee's signals should be blocked ({@link Ptrace#setSignalMask}): a stop for one that
 * comes all the same ({@code SIGSTOP}) is passed over here, and the signal with it.
 */
public final class RemoteCalls {
  private final Ptrace ptrace;
  private final Architecture architecture;
  private final RegisterLayout layout;
  private final int tid;
  private final byte[] registers;
  private final long instruction;

  private RemoteCalls(Ptrace ptrace, Architecture architecture, int tid) {
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.layout = architecture.registers();
    this.tid = tid;
    registers = new byte[layout.size()];
    readRegisters();
    ptrace.saveRegset(registers);
    instruction =
        ptrace.register(layout.instructionPointer()) - architecture.syscallInstruction().length;
  }

  /**
   * Runs a stopped tracee on to the next system call that it makes, and takes that call's place: it
   * is skipped, and the tracee is left in its exit stop. For a tracee whose own code will not go
   * on.
   *
   * @throws TraceeDiedException when it ended on the way
   */
  public static RemoteCalls takeOver(Ptrace ptrace, Architecture architecture, int tid) {
    resumeToSyscallStop(ptrace, tid, Ptrace.SYSCALL_INFO_ENTRY);
    RemoteCalls calls = new RemoteCalls(ptrace, architecture, tid);
    calls.skip();
    return calls;
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
    resumeToSyscallStop(ptrace, tid, Ptrace.SYSCALL_INFO_EXIT);
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
    resumeToSyscallStop(ptrace, tid, Ptrace.SYSCALL_INFO_ENTRY);
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
    resumeToSyscallStop(ptrace, tid, Ptrace.SYSCALL_INFO_EXIT);
  }

  private void readRegisters() {
    check(ptrace.getRegset(tid, Ptrace.NT_PRSTATUS), "PTRACE_GETREGSET");
  }

  private void writeRegisters() {
    check(ptrace.setRegset(tid, Ptrace.NT_PRSTATUS, layout.size()), "PTRACE_SETREGSET");
  }

  private void check(long result, String request) {
    if (result == -3 /* ESRCH: it was killed while stopped */) {
      throw died(ptrace, tid);
    }
    SystemCallException.check(result, request, tid);
  }

  private static void resumeToSyscallStop(Ptrace ptrace, int tid, int operation) {
    while (true) {
      ptrace.syscall(tid, 0);
      SystemCallException.check(ptrace.waitFor(tid), "wait4", tid);
      StopKind kind = WaitStatus.kind(ptrace.status());
      if (kind.isEnd()) {
        throw new TraceeDiedException("Task " + tid + " ended during an injected system call");
      }
      if (kind == StopKind.SYSCALL && ptrace.syscallInfo(tid) == operation) {
        return;
      }
    }
  }

  /** Takes its end out of the wait queue, so that who catches this has nothing left to reap. */
  private static TraceeDiedException died(Ptrace ptrace, int tid) {
    while (ptrace.waitFor(tid) == tid && !WaitStatus.kind(ptrace.status()).isEnd()) {
      // A stop that it was in before it was killed.
    }
    return new TraceeDiedException("Task " + tid + " ended during an injected system call");
  }
}
