package io.sysmon.internal.engine;

import io.sysmon.SigInfo;
import io.sysmon.Signal;
import io.sysmon.internal.memory.GeneralRegisters;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;

/**
 * Writes changed system calls to the registers, and the program's own values back. Tracer thread,
 * on a task in a syscall stop. A task that was killed in its stop is left at that: its end will be
 * reported.
 *
 * <p>On x86_64 the kernel leaves argument registers as they are, and compilers rely on it: what was
 * changed at the entry has to be restored at the exit. On aarch64 the first argument's register is
 * the result's too, and is restored only where the kernel does so: see {@link #rollBack}.
 */
final class CallRewriter {
  private static final int ESRCH = 3;
  private static final int SYS_SECCOMP = 1;

  private final Ptrace ptrace;
  private final Architecture architecture;
  private final GeneralRegisters registers;
  private final RegisterLayout layout;
  private final byte[] sigInfo = new byte[SigInfo.SIZE];

  CallRewriter(Ptrace ptrace, Architecture architecture) {
    this.ptrace = ptrace;
    this.architecture = architecture;
    registers = new GeneralRegisters(ptrace, architecture);
    layout = registers.layout();
  }

  /** Brings the changes of an entry stop to the registers. */
  void enter(Task task, CallChanges changes) {
    if (!registers.read(task.tid())) {
      return;
    }
    for (int i = 0; i < Task.ARGUMENTS; i++) {
      if ((changes.arguments & 1 << i) != 0) {
        setArgument(task, i, task.arguments[i]);
      }
    }
    long number = changes.skipped ? -1 : task.number;
    boolean own = architecture.numberRegset() != 0;
    if (!own && (changes.skipped || changes.number)) {
      registers.set(layout.enteredNumber(), number);
    }
    registers.write(task.tid());
    if (own && (changes.skipped || changes.number)) {
      writeNumber(task, number);
    }
  }

  /** Restores what {@link #enter} changed, and sets a changed result. */
  void exit(Task task, CallChanges changes) {
    if (!registers.read(task.tid())) {
      return;
    }
    restoreArguments(task, changes.arguments, changes.programArguments);
    boolean own = architecture.numberRegset() != 0;
    if (changes.number && !changes.skipped && !own) {
      // Else a call that a signal interrupted would be restarted as the other call.
      registers.set(layout.enteredNumber(), changes.programNumber);
    }
    if (changes.resultSet) {
      registers.set(layout.result(), task.result);
    }
    registers.write(task.tid());
    if (changes.number && !changes.skipped && own) {
      writeNumber(task, changes.programNumber);
    }
  }

  /**
   * On the way out of a call that it will make again, or that a filter has trapped, the kernel
   * gives the first argument back to a register that is the result's too. Since some version
   * (6.1.192 does it, an older 6.1 did not) that is the argument that a tracer wrote at the entry:
   * here the program gets its own.
   */
  void rollBack(Task task, CallChanges changes) {
    int register = task.convention().argument(0);
    if (register == layout.result()
        && registers.read(task.tid())
        && registers.get(register) == task.arguments[0]
        && (isBackAtCall(task) || isTrapped(task))) {
      registers.set(register, changes.programArguments[0]);
      registers.write(task.tid());
    }
  }

  private boolean isBackAtCall(Task task) {
    return task.restart != null
        && task.restart.isBackAt(
            registers.get(layout.instructionPointer()),
            registers.get(layout.stackPointer()),
            task.convention().instruction().length);
  }

  private boolean isTrapped(Task task) {
    if (ptrace.sigInfo(task.tid(), sigInfo) < 0) {
      return false;
    }
    SigInfo info = new SigInfo(sigInfo);
    return info.signal().equals(Signal.SIGSYS) && info.code() == SYS_SECCOMP;
  }

  /** A child of a call whose arguments were changed has its parent's registers. */
  void restoreInChild(Task child, int changed, long[] programArguments) {
    if (registers.read(child.tid())) {
      restoreArguments(child, changed, programArguments);
      registers.write(child.tid());
    }
  }

  private void restoreArguments(Task task, int changed, long[] programArguments) {
    for (int i = 0; i < Task.ARGUMENTS; i++) {
      if ((changed & 1 << i) != 0 && task.convention().argument(i) != layout.result()) {
        setArgument(task, i, programArguments[i]);
      }
    }
  }

  /**
   * What is in a register beside a 32-bit argument is a 64-bit program's, which executes int 0x80.
   */
  private void setArgument(Task task, int index, long value) {
    int register = task.convention().argument(index);
    long beside = registers.get(register) & ~task.argumentMask;
    registers.set(register, beside | (value & task.argumentMask));
  }

  private void writeNumber(Task task, long number) {
    ptrace.setRegister(0, number & 0xffff_ffffL);
    long result = ptrace.setRegset(task.tid(), architecture.numberRegset(), Integer.BYTES);
    // Killed in its stop, which is no failure: its end will be reported.
    if (result != -ESRCH) {
      SystemCallException.check(result, "PTRACE_SETREGSET", task.tid());
    }
  }
}
