package io.sysmon.internal.memory;

import io.sysmon.TraceeDiedException;
import io.sysmon.decode.SyscallNumbers;
import io.sysmon.decode.SyscallTable;
import io.sysmon.internal.event.StopKind;
import io.sysmon.internal.event.WaitStatus;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;
import io.sysmon.spi.SyscallConvention;
import java.util.function.IntUnaryOperator;

/**
 * Makes system calls inside a tracee that this thread has seized, by pointing its registers at the
 * system call instruction that it last executed. They are of one ABI, in its names and numbers.
 *
 * <p>When the tracee ends meanwhile, its end has been taken out of the thread's wait queue by the
 * time {@link TraceeDiedException} is thrown: there is nothing left to reap.
 *
 * <p>The tracee's signals should be blocked ({@link Ptrace#setSignalMask}); {@link #stopSignal} has
 * the one that comes all the same.
 */
public final class RemoteCalls {
  private static final int ESRCH = 3;
  private static final int NATIVE = 0;

  private final Ptrace ptrace;
  private final Architecture architecture;
  private final GeneralRegisters registers;
  private final RegisterLayout layout;
  private final SyscallConvention convention;
  private final SyscallNumbers numbers;
  private final int tid;
  private final byte[] saved;
  private final boolean ofProgram;
  private final long instruction;
  private IntUnaryOperator onSignal = signal -> 0;
  private int stopSignal;

  private RemoteCalls(
      Ptrace ptrace, Architecture architecture, int abi, int tid, boolean ofProgram) {
    this.ofProgram = ofProgram;
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.tid = tid;
    registers = new GeneralRegisters(ptrace, architecture);
    layout = registers.layout();
    convention = architecture.convention(abi).orElseThrow();
    numbers = SyscallTable.get().abi(architecture.abis().get(abi).name());
    saved = new byte[layout.size()];
    check(registers.read(tid));
    registers.save(saved);
    instruction = findInstruction();
  }

  private long findInstruction() {
    try {
      return SyscallInstruction.of(
          ptrace, convention.instruction(), tid, registers.get(layout.instructionPointer()));
    } catch (TraceeDiedException e) {
      throw ofProgram ? e : died(ptrace, tid);
    }
  }

  /**
   * Runs a stopped tracee on to the next system call that it makes, and takes that call's place: it
   * is skipped, and the tracee is left in its exit stop. For a tracee whose own code will not go
   * on.
   *
   * @throws TraceeDiedException when it ended on the way
   */
  public static RemoteCalls takeOver(Ptrace ptrace, Architecture architecture, int tid) {
    resume(ptrace, tid, Ptrace.SYSCALL_INFO_ENTRY, false, signal -> 0);
    RemoteCalls calls = new RemoteCalls(ptrace, architecture, NATIVE, tid, false);
    calls.skip();
    return calls;
  }

  /**
   * Takes the place of the call that a tracee is in the entry stop of; {@link #restore} brings it
   * back to that stop.
   *
   * @param abi the index in {@link Architecture#abis()} of the calls that can be made there
   * @throws TraceeDiedException when it ended on the way, or another thread's execve took its
   *     place; the event is left for {@link Ptrace#waitAny}
   */
  public static RemoteCalls insteadOf(Ptrace ptrace, Architecture architecture, int abi, int tid) {
    RemoteCalls calls = new RemoteCalls(ptrace, architecture, abi, tid, true);
    calls.skip();
    return calls;
  }

  /** Continues after the call that a tracee is in the exit stop of; else as {@link #insteadOf}. */
  public static RemoteCalls after(Ptrace ptrace, Architecture architecture, int abi, int tid) {
    return new RemoteCalls(ptrace, architecture, abi, tid, true);
  }

  /**
   * Has somebody decide about the signal that comes all the same; else it is not delivered.
   *
   * @param decision gives what is delivered instead, or 0 for nothing; the tracee is in the
   *     signal's delivery stop meanwhile
   */
  public void onSignal(IntUnaryOperator decision) {
    onSignal = decision;
  }

  /** What the call of the stop returned: the raw register. */
  public long resultBefore() {
    registers.load(saved);
    return registers.get(layout.result());
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
    registers.load(saved);
    if (!toEntry) {
      check(registers.write(tid));
      return;
    }
    long number = registers.get(layout.enteredNumber());
    registers.set(layout.instructionPointer(), instruction);
    registers.set(layout.enteredNumber(), -1);
    registers.set(layout.callNumber(), number);
    check(registers.write(tid));
    resumeTo(Ptrace.SYSCALL_INFO_ENTRY);
  }

  /**
   * Makes a system call and waits for its result.
   *
   * @param name its name in the ABI
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
   * @param name its name in the ABI
   * @throws TraceeDiedException when the tracee ended meanwhile
   */
  public void enter(String name, long... arguments) {
    pointAt(name, arguments);
    check(registers.write(tid));
    resumeTo(Ptrace.SYSCALL_INFO_ENTRY);
  }

  /**
   * The registers with which the tracee would go into a system call, all of whose arguments are 0.
   * Signals that it does not block end that call, after which the program does not go on where it
   * was.
   *
   * @param name its name in the ABI
   */
  public byte[] registersFor(String name) {
    pointAt(name, 0, 0, 0, 0, 0, 0);
    byte[] changed = new byte[layout.size()];
    registers.save(changed);
    return changed;
  }

  /** The registers of the stop: put back in a later one, they let the program go on. */
  public byte[] registersBefore() {
    return saved.clone();
  }

  private void pointAt(String name, long... arguments) {
    registers.load(saved);
    registers.set(layout.instructionPointer(), instruction);
    // Not in a call any more: else the kernel might "restart" what it takes for an interrupted one.
    registers.set(layout.enteredNumber(), -1);
    registers.set(layout.callNumber(), number(name));
    for (int i = 0; i < arguments.length; i++) {
      registers.set(convention.argument(i), arguments[i]);
    }
  }

  private int number(String name) {
    int number = numbers.number(name);
    if (number < 0) {
      throw new IllegalArgumentException(numbers.abi() + " has no system call " + name);
    }
    return number;
  }

  private void skip() {
    if (architecture.numberRegset() == 0) {
      registers.set(layout.enteredNumber(), -1);
      check(registers.write(tid));
    } else {
      ptrace.setRegister(0, 0xffffffffL);
      long result = ptrace.setRegset(tid, architecture.numberRegset(), Integer.BYTES);
      check(result != -ESRCH);
      SystemCallException.check(result, "PTRACE_SETREGSET", tid);
    }
    resumeTo(Ptrace.SYSCALL_INFO_EXIT);
  }

  private void check(boolean alive) {
    if (!alive) {
      throw ofProgram ? ended(tid) : died(ptrace, tid);
    }
  }

  private static TraceeDiedException ended(int tid) {
    return new TraceeDiedException("Task " + tid + " ended during an injected system call");
  }

  /** Runs on to a syscall stop, and keeps a stop signal that came on the way. */
  private void resumeTo(int operation) {
    int stopped = resume(ptrace, tid, operation, ofProgram, onSignal);
    if (stopped != 0) {
      stopSignal = stopped;
    }
  }

  private static int resume(
      Ptrace ptrace, int tid, int operation, boolean ofProgram, IntUnaryOperator onSignal) {
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
      int signal = WaitStatus.stopSignal(ptrace.status());
      if (kind == StopKind.SIGNAL) {
        deliver = onSignal.applyAsInt(signal);
      }
      if (kind == StopKind.GROUP_STOP || deliver != 0) {
        stopSignal = signal;
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
