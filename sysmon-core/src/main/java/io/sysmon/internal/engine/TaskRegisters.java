package io.sysmon.internal.engine;

import io.sysmon.Registers;
import io.sysmon.TraceException;
import io.sysmon.TraceeDiedException;
import io.sysmon.internal.memory.GeneralRegisters;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import java.util.Set;
import java.util.function.Supplier;

/** The registers of the task that a view is about. Tracer thread. */
final class TaskRegisters implements Registers {
  private static final int ESRCH = 3;

  private final Supplier<Task> current;
  private final Ptrace ptrace;
  private final GeneralRegisters registers;

  /**
   * Describes whose registers.
   *
   * @param current gives the task, and throws when the view is not valid
   */
  TaskRegisters(Supplier<Task> current, Ptrace ptrace, Architecture architecture) {
    this.current = current;
    this.ptrace = ptrace;
    registers = new GeneralRegisters(ptrace, architecture);
  }

  @Override
  public Set<String> names() {
    return registers.layout().names();
  }

  @Override
  public long get(String name) {
    int offset = registers.layout().offset(name);
    read(current.get());
    return registers.get(offset);
  }

  @Override
  public void set(String name, long value) {
    int offset = registers.layout().offset(name);
    Task task = current.get();
    read(task);
    registers.set(offset, value);
    if (!registers.write(task.tid())) {
      throw killed(task);
    }
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
    if (!registers.read(task.tid())) {
      throw registers.otherLayout()
          ? new TraceException(task + " runs 32-bit code, whose registers have no names here")
          : killed(task);
    }
  }

  private static void check(long result, Task task, String request) {
    if (result == -ESRCH) {
      throw killed(task);
    }
    SystemCallException.check(result, request, task.tid());
  }

  private static TraceeDiedException killed(Task task) {
    return new TraceeDiedException(task + " was killed before its registers were accessed");
  }
}
