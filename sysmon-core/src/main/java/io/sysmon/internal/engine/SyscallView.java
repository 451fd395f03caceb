package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.BadAddressException;
import io.sysmon.CallArgument;
import io.sysmon.Registers;
import io.sysmon.SyscallRecord;
import io.sysmon.SyscallStop;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeMemory;
import io.sysmon.TraceeTask;
import io.sysmon.decode.Argument;
import io.sysmon.decode.CallValues;
import io.sysmon.decode.MemoryReader;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.internal.memory.VmMemory;
import io.sysmon.internal.memory.Words;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What entry and exit views share. One object serves all stops of a tracer thread, in turn. */
abstract sealed class SyscallView extends StopView implements SyscallStop
    permits EnterView, ExitView {
  private final Ptrace ptrace;
  private final List<Abi> abis;
  private final CallVerbs verbs;
  private final CallUndo undo = new CallUndo();
  private final TraceeMemory memory;
  private final Registers registers;
  private long nanoTime;

  SyscallView(Thread owner, Ptrace ptrace, Architecture architecture, CallVerbs verbs) {
    super(owner);
    this.ptrace = ptrace;
    this.verbs = verbs;
    abis = architecture.abis();
    memory =
        new VmMemory(
            () -> current().tid(),
            () -> abi().wordSize(),
            verbs::transfer,
            new Words(ptrace),
            null);
    registers = new TaskRegisters(this::current, ptrace, architecture);
  }

  void begin(Task task, long now) {
    begin(task);
    nanoTime = now;
  }

  @Override
  String refusal() {
    return "A system call's view is valid only in the callback that it was handed to, on the tracer's"
        + " thread; keep snapshot() instead";
  }

  final boolean isValid() {
    return shown() != null;
  }

  final boolean isAbout(Tracee process) {
    Task task = shown();
    return task != null && task.process() == process;
  }

  /** Before a callback. */
  final void mark() {
    undo.mark(current());
  }

  /** After a callback that threw. */
  final void undo() {
    undo.undo(current());
  }

  /** Reads again what a call that was injected into another task has replaced. */
  final void refresh() {
    Task task = shown();
    if (task != null) {
      ptrace.syscallInfo(task.tid());
    }
  }

  final CallVerbs verbs() {
    return verbs;
  }

  @Override
  public TraceeTask task() {
    return current();
  }

  @Override
  public int tid() {
    return current().tid();
  }

  @Override
  public int pid() {
    return current().process().pid();
  }

  @Override
  public Abi abi() {
    return abis.get(current().abi);
  }

  @Override
  public long number() {
    return current().number;
  }

  @Override
  public SyscallSignature signature() {
    return Objects.requireNonNull(current().signature);
  }

  @Override
  public SyscallSignature meant() {
    return values().signature();
  }

  @Override
  public long arg(int index) {
    Task task = current();
    return task.arguments[verbs.checkIndex(task, index)];
  }

  @Override
  public String string(int index) {
    long address = arg(index);
    try {
      return memory.readString(address);
    } catch (BadAddressException e) {
      throw about(index, e);
    }
  }

  @Override
  public List<String> strings(int index) {
    long address = arg(index);
    try {
      return memory.readStrings(address);
    } catch (BadAddressException e) {
      throw about(index, e);
    }
  }

  @Override
  public byte[] bytes(int index, int length) {
    long address = arg(index);
    try {
      return memory.read(address, length);
    } catch (BadAddressException e) {
      throw about(index, e);
    }
  }

  /** The same with the call that the address is an argument of. */
  final BadAddressException about(int index, BadAddressException e) {
    return new BadAddressException(
        "Argument " + index + " of " + this + ": " + e.getMessage(), e.address(), e.transferred());
  }

  @Override
  public TraceeMemory memory() {
    current();
    return memory;
  }

  @Override
  public Registers registers() {
    current();
    return registers;
  }

  @Override
  public long syscall(String name, long... args) {
    return verbs.inject(current(), isAtEntry(), name, args);
  }

  abstract boolean isAtEntry();

  /** The arguments as they are at this stop. */
  abstract CallValues values(SyscallSignature call, long[] arguments, MemoryReader reader);

  @Override
  public CallArgument argument(int index) {
    Task task = current();
    verbs.checkIndex(task, index);
    CallValues values = values();
    for (Argument argument : values.signature().arguments()) {
      if (argument.register() == index) {
        return new ArgumentView(this, values, argument);
      }
    }
    throw noArgument(Integer.toString(index), values);
  }

  @Override
  public CallArgument argument(String name) {
    CallValues values = values();
    for (Argument argument : values.signature().arguments()) {
      if (argument.name().equals(name)) {
        return new ArgumentView(this, values, argument);
      }
    }
    throw noArgument(name, values);
  }

  private static IllegalArgumentException noArgument(String asked, CallValues values) {
    return new IllegalArgumentException(
        values.signature().name()
            + " has no argument "
            + asked
            + "; it has "
            + values.signature().arguments().stream()
                .map(argument -> argument.register() + " " + argument.name())
                .toList());
  }

  @Override
  public List<CallArgument> arguments() {
    CallValues values = values();
    return values.signature().arguments().stream()
        .<CallArgument>map(argument -> new ArgumentView(this, values, argument))
        .toList();
  }

  private CallValues values() {
    Task task = current();
    long stop = serial();
    return values(
        signature(),
        task.arguments,
        (address, into, offset, length) -> {
          current(stop);
          return memory.read(address, into, offset, length);
        });
  }

  /** Memory for texts, which have an address where nothing can be read. */
  final MemoryReader readable() {
    return (address, into, offset, length) -> {
      try {
        return memory.read(address, into, offset, length);
      } catch (TraceeDiedException | TracePermissionException e) {
        return 0;
      }
    };
  }

  @Override
  public long instructionPointer() {
    current();
    return ptrace.infoInstructionPointer();
  }

  @Override
  public long stackPointer() {
    current();
    return ptrace.infoStackPointer();
  }

  @Override
  public long nanoTime() {
    current();
    return nanoTime;
  }

  final SyscallRecord record(SyscallRecord.@Nullable Exit exit) {
    Task task = current();
    List<Long> arguments = new ArrayList<>(Task.ARGUMENTS);
    for (long argument : task.arguments) {
      arguments.add(argument);
    }
    return new SyscallRecord(
        pid(), tid(), abi(), number(), name(), arguments, pointedStrings(), nanoTime, exit);
  }

  private Map<Integer, String> pointedStrings() {
    Map<Integer, String> strings = new HashMap<>();
    for (Argument argument : signature().arguments()) {
      if (argument.kind().isString()) {
        try {
          strings.put(argument.register(), string(argument.register()));
        } catch (BadAddressException | TracePermissionException e) {
          // A null or unmapped pointer, which the kernel will answer with EFAULT, or a program that
          // is not dumpable: no string to keep.
        }
      }
    }
    return strings;
  }

  @Override
  public String toString() {
    Task task = shown();
    return task == null || task.signature == null
        ? "no system call"
        : task.signature.name() + " of " + task;
  }
}
