package io.sysmon.internal.engine;

import io.sysmon.Registers;
import io.sysmon.TraceException;
import io.sysmon.TraceeDiedException;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.RegisterLayout;
import java.util.Set;
import java.util.function.Supplier;

/** The registers of the task that a view is about. Tracer thread. */
final class TaskRegisters implements Registers {
  private static final int ESRCH = 3;

  private final Supplier<Task> current;
  private final Ptrace ptrace;
  private final RegisterLayout layout;

  /**
   * Describes whose registers.
   *
   * @param current gives the task, and throws when the view is not valid
   */
  TaskRegisters(Supplier<Task> current, Ptrace ptrace, RegisterLayout layout) {
    this.current = current;
    this.ptrace = ptrace;
    this.layout = layout;
  }

  @Override
  public Set<String> names() {
    return layout.names();
  }

  @Override
  public long get(String name) {
    int offset = layout.offset(name);
    read(current.get());
    return ptrace.register(offset);
  }

  @Override
  public void set(String name, long value) {
    int offset = layout.offset(name);
    Task task = current.get();
    read(task);
    ptrace.setRegister(offset, value);
    check(
        ptrace.setRegset(task.tid(), Ptrace.NT_PRSTATUS, layout.size()), task, "PTRACE_SETREGSET");
  }

  @Override
  public long peekUser(long offset) {
    Task task = current.get();
    long word = ptrace.peekUser(task.tid(), offset);
    check(ptrace.peekFailure(), task, "PTRACE_PEEKUSER");
    return word;
  }

  @Override
  public void pokeUser(long offset, long word) {
    Task task = current.get();
    check(ptrace.pokeUser(task.tid(), offset, word), task, "PTRACE_POKEUSER");
  }

  private void read(Task task) {
    long size = check(ptrace.getRegset(task.tid(), Ptrace.NT_PRSTATUS), task, "PTRACE_GETREGSET");
    if (size != layout.size()) {
      throw new TraceException(
          task
              + " has a register set of "
              + size
              + " bytes: a 32-bit program's, which has no names");
    }
  }

  private static long check(long result, Task task, String request) {
    if (result == -ESRCH) {
      throw new TraceeDiedException(task + " was killed before its registers were accessed");
    }
    return SystemCallException.check(result, request, task.tid());
  }
}
