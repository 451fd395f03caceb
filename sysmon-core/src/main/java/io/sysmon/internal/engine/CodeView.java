package io.sysmon.internal.engine;

import io.sysmon.CodeStop;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Registers;
import io.sysmon.TraceeMemory;
import io.sysmon.TraceeTask;
import io.sysmon.internal.memory.VmMemory;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.memory.Words;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.RegisterLayout;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The view of a breakpoint's hit or of a step. One object serves all such stops, in turn. */
final class CodeView implements CodeStop {
  private final Thread owner;
  private final TraceeMemory memory;
  private final Registers registers;
  private @Nullable Task current;
  private long address;

  CodeView(Thread owner, Ptrace ptrace, RegisterLayout layout, VmTransfer transfer) {
    this.owner = owner;
    memory =
        new VmMemory(
            () -> current().tid(), () -> Long.BYTES, () -> transfer, new Words(ptrace), null);
    registers = new TaskRegisters(this::current, ptrace, layout);
  }

  void begin(Task task, long instruction) {
    current = task;
    address = instruction;
  }

  void end() {
    current = null;
  }

  private Task current() {
    Task task = current;
    if (Thread.currentThread() != owner || task == null) {
      throw new IllegalTraceeStateException(
          "A code stop's view is valid only in the callback that it was handed to, on the tracer's"
              + " thread");
    }
    return task;
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
    Task task = current;
    return task == null ? "no code stop" : task + " at 0x" + Long.toHexString(address);
  }
}
