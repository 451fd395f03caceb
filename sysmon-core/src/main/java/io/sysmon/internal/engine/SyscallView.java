package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.BadAddressException;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.SyscallRecord;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeMemory;
import io.sysmon.TraceeTask;
import io.sysmon.decode.Argument;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.internal.memory.VmMemory;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Ptrace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What entry and exit views share. One object serves all stops of a tracer thread, in turn. */
abstract sealed class SyscallView implements SyscallStop permits EnterView, ExitView {
  /**
   * Where an array is given up; the pointers alone then take more than {@code ARG_MAX} of 6 MiB.
   */
  private static final int MAX_STRINGS = 1 << 20;

  private final Thread owner;
  private final Ptrace ptrace;
  private final List<Abi> abis;
  private final TraceeMemory memory;
  private @Nullable Task current;
  private long nanoTime;

  SyscallView(Thread owner, Ptrace ptrace, List<Abi> abis, VmTransfer transfer) {
    this.owner = owner;
    this.ptrace = ptrace;
    this.abis = abis;
    memory = new VmMemory(() -> current().tid(), () -> transfer);
  }

  void begin(Task task, long now) {
    current = task;
    nanoTime = now;
  }

  void end() {
    current = null;
  }

  /** The task that the callback under way is about. */
  final Task current() {
    Task task = current;
    if (Thread.currentThread() != owner || task == null) {
      throw new IllegalTraceeStateException(
          "A system call's view is valid only in the callback that it was handed to, on the tracer's"
              + " thread; keep snapshot() instead");
    }
    return task;
  }

  final Ptrace ptrace() {
    return ptrace;
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
  public long arg(int index) {
    Task task = current();
    if (index < 0 || index >= Task.ARGUMENTS) {
      throw new IllegalArgumentException(
          "There is no argument " + index + " of " + name() + " in " + task + "; there are 0 to 5");
    }
    return task.arguments[index];
  }

  @Override
  public List<String> strings(int index) {
    long address = arg(index);
    int wordSize = abi().wordSize();
    byte[] word = new byte[Long.BYTES];
    List<String> strings = new ArrayList<>();
    while (strings.size() < MAX_STRINGS) {
      if (memory.read(address, word, 0, wordSize) < wordSize) {
        throw new BadAddressException(
            "Argument "
                + index
                + " of "
                + name()
                + " in "
                + current()
                + ": the array at 0x"
                + Long.toHexString(arg(index))
                + " cannot be read beyond element "
                + strings.size(),
            arg(index),
            strings.size() * wordSize);
      }
      long pointer = ByteBuffer.wrap(word).order(ByteOrder.nativeOrder()).getLong();
      if (wordSize == Integer.BYTES) {
        pointer &= 0xffffffffL;
      }
      if (pointer == 0) {
        return List.copyOf(strings);
      }
      strings.add(memory.readString(pointer));
      address += wordSize;
    }
    throw new BadAddressException(
        "Argument " + index + " of " + name() + " in " + current() + " is an array without end",
        arg(index),
        MAX_STRINGS * wordSize);
  }

  @Override
  public TraceeMemory memory() {
    current();
    return memory;
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
        } catch (BadAddressException e) {
          // A null or unmapped pointer, which the kernel will answer with EFAULT: no string to
          // keep.
        }
      }
    }
    return strings;
  }

  @Override
  public String toString() {
    Task task = current;
    return task == null || task.signature == null
        ? "no system call"
        : task.signature.name() + " of " + task;
  }
}
