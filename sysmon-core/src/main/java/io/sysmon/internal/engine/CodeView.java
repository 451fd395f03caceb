package io.sysmon.internal.engine;

import io.sysmon.CodeStop;
import io.sysmon.Registers;
import io.sysmon.TraceeMemory;
import io.sysmon.TraceeTask;
import io.sysmon.internal.memory.VmMemory;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.memory.Words;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import java.util.function.Consumer;

/** The view of a breakpoint's hit or of a step. One object serves all such stops, in turn. */
final class CodeView extends StopView implements CodeStop {
  private final TraceeMemory memory;
  private final Registers registers;
  private long address;

  CodeView(Thread owner, Ptrace ptrace, Architecture architecture, VmTransfer transfer) {
    super(owner);
    memory =
        new VmMemory(
            () -> current().tid(),
            () -> ProgramFile.wordSize(current().tid()),
            () -> transfer,
            new Words(ptrace),
            null);
    registers = new TaskRegisters(this::current, ptrace, architecture);
  }

  void begin(Task task, long instruction) {
    begin(task);
    address = instruction;
  }

  @Override
  String refusal() {
    return "A code stop's view is valid only in the callback that it was handed to, on the tracer's"
        + " thread";
  }

  @Override
  public TraceeTask task() {
    return current();
  }

  @Override
  public long address() {
    current();
    return address;
  }

  @Override
  public Registers registers() {
    current();
    return registers;
  }

  @Override
  public TraceeMemory memory() {
    current();
    return memory;
  }

  @Override
  public void step(Consumer<? super CodeStop> next) {
    current().step = next;
  }

  @Override
  public String toString() {
    Task task = shown();
    return task == null ? "no code stop" : task + " at 0x" + Long.toHexString(address);
  }
}
