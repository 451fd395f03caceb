package io.sysmon;

import java.util.function.Consumer;

/**
 * A task that has reached a breakpoint, or has made a single step; the instruction at {@link
 * #address()} is executed next. A view: valid on the tracer's thread until the callback returns.
 */
public interface CodeStop {
  /**
   * The stopped task.
   *
   * @return an object that may be kept
   */
  TraceeTask task();

  /**
   * The instruction pointer.
   *
   * @return an address in the tracee
   */
  long address();

  /**
   * All registers of the task, by name.
   *
   * @return the accessor, valid as long as this view
   */
  Registers registers();

  /**
   * The process's memory. At a breakpoint's address it shows the breakpoint's instruction.
   *
   * @return the accessor, valid as long as this view
   */
  TraceeMemory memory();

  /**
   * Executes one instruction and calls back at the next one ({@code PTRACE_SINGLESTEP}). An
   * instruction that makes a system call is executed with the call's ordinary stops. A signal that
   * is delivered meanwhile runs its handler first.
   *
   * @param next called when the instruction has been executed; it may ask for another step
   */
  void step(Consumer<? super CodeStop> next);
}
