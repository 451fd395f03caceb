package io.sysmon.internal.engine;

import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;

/**
 * Writes changed system calls to the registers, and the program's own values back. Tracer thread,
 * on a task in a syscall stop.
 *
 * <p>On x86_64 the kernel leaves argument registers as they are, and compilers rely on it: what was
 * changed at the entry has to be restored at the exit. On aarch64 the first argument's register is
 * the result's too, and is not restored.
 */
final class CallRewriter {
  private static final int ESRCH = 3;

  private final Ptrace ptrace;
  private final Architecture architecture;
  private final RegisterLayout layout;

  CallRewriter(Ptrace ptrace, Architecture architecture) {
    this.ptrace = ptrace;
    this.architecture = architecture;
    layout = architecture.registers();
  }

  /** Brings the changes of an entry stop to the registers. */
  void enter(Task task, CallChanges changes) {
    if (!read(task)) {
      return;
    }
    for (int i = 0; i < Task.ARGUMENTS; i++) {
      if ((changes.arguments & 1 << i) != 0) {
        ptrace.setRegister(layout.argument(i), task.arguments[i]);
      }
    }
    long number = changes.skipped ? -1 : task.number;
    boolean own = architecture.numberRegset() != 0;
    if (!own && (changes.skipped || changes.number)) {
      ptrace.setRegister(layout.enteredNumber(), number);
    }
    write(task);
    if (own && (changes.skipped || changes.number)) {
      writeNumber(task, number);
    }
  }

  /** Restores what {@link #enter} changed, and sets a changed result. */
  void exit(Task task, CallChanges changes) {
    if (!read(task)) {
      return;
    }
    restoreArguments(changes.arguments, changes.programArguments);
    boolean own = architecture.numberRegset() != 0;
    if (changes.number && !changes.skipped && !own) {
      // Else a call that a signal interrupted would be restarted as the other call.
      ptrace.setRegister(layout.enteredNumber(), changes.programNumber);
    }
    if (changes.resultSet) {
      ptrace.setRegister(layout.result(), task.result);
    }
    write(task);
    if (changes.number && !changes.skipped && own) {
      writeNumber(task, changes.programNumber);
    }
  }

  /** A child of a call whose arguments were changed has its parent's registers. */
  void restoreInChild(Task child, int changed, long[] programArguments) {
    if (read(child)) {
      restoreArguments(changed, programArguments);
      write(child);
    }
  }

  private void restoreArguments(int changed, long[] programArguments) {
    for (int i = 0; i < Task.ARGUMENTS; i++) {
      if ((changed & 1 << i) != 0 && layout.argument(i) != layout.result()) {
        ptrace.setRegister(layout.argument(i), programArguments[i]);
      }
    }
  }

  private boolean read(Task task) {
    long size = ptrace.getRegset(task.tid(), Ptrace.NT_PRSTATUS);
    // Another size: the call was an execve that has made it a 32-bit program.
    return alive(size, task, "PTRACE_GETREGSET") && size == layout.size();
  }

  private void write(Task task) {
    alive(
        ptrace.setRegset(task.tid(), Ptrace.NT_PRSTATUS, layout.size()), task, "PTRACE_SETREGSET");
  }

  private void writeNumber(Task task, long number) {
    ptrace.setRegister(0, number & 0xffff_ffffL);
    alive(
        ptrace.setRegset(task.tid(), architecture.numberRegset(), Integer.BYTES),
        task,
        "PTRACE_SETREGSET");
  }

  /** False when the task was killed in its stop, which is no failure: its end will be reported. */
  private static boolean alive(long result, Task task, String request) {
    if (result == -ESRCH) {
      return false;
    }
    SystemCallException.check(result, request, task.tid());
    return true;
  }
}
