package io.sysmon.internal.engine;

import io.sysmon.BadAddressException;
import io.sysmon.CodeStop;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.SigInfo;
import io.sysmon.TraceeDiedException;
import io.sysmon.internal.memory.GeneralRegisters;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Breakpoints and single steps. Tracer thread.
 *
 * <p>A breakpoint's way: the trap is reported; the listener is called; the original instruction is
 * put back, executed by {@code PTRACE_SINGLESTEP}, and the breakpoint set again at the task's next
 * stop, whatever that is. When that is a signal whose handler returns to the address, the hit that
 * follows is the same one, and is not told again.
 */
final class CodeStops {
  private static final int SI_KERNEL = 0x80;
  private static final int TRAP_BRKPT = 1;
  private static final int TRAP_TRACE = 2;

  /** Also the {@code si_code} at the first instruction of a handler that was stepped into. */
  private static final int SIGTRAP = 5;

  private static final int CODE_OFFSET = 8;

  private final Ptrace ptrace;
  private final Architecture architecture;
  private final GeneralRegisters registers;
  private final Listeners listeners;
  private final LiveTracees live;
  private final VmTransfer transfer;
  private final CodeView view;
  private final int instructionLength;
  private final byte[] sigInfo = new byte[SigInfo.SIZE];

  CodeStops(
      Thread owner,
      Ptrace ptrace,
      Architecture architecture,
      Listeners listeners,
      LiveTracees live,
      VmTransfer transfer) {
    this.live = live;
    this.transfer = transfer;
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.listeners = listeners;
    registers = new GeneralRegisters(ptrace, architecture);
    instructionLength = architecture.convention(0).orElseThrow().instruction().length;
    view = new CodeView(owner, ptrace, architecture, transfer);
  }

  /** Sets a breakpoint in the address space of a process that lives. */
  SetBreakpoint set(
      Tracee process,
      long address,
      Consumer<? super CodeStop> onHit,
      Consumer<SetBreakpoint> remover) {
    int tid = process.reach().task();
    Map<Long, SetBreakpoint> breakpoints = process.addressSpace().breakpoints();
    if (breakpoints.containsKey(address)) {
      throw new IllegalTraceeStateException(
          process + " has a breakpoint at 0x" + Long.toHexString(address) + " already");
    }
    byte[] instruction = architecture.breakpointInstruction();
    byte[] original = new byte[instruction.length];
    boolean isCode = transfer.read(tid, address, original.length) == original.length;
    transfer.get(0, original, 0, original.length);
    if (!isCode || !write(tid, address, instruction)) {
      if (!ProcStatus.hasMemory(tid)) {
        // It was killed meanwhile: by another task, unless there is none.
        return set(process, address, onHit, remover);
      }
      String place = "0x" + Long.toHexString(address) + " in " + process;
      throw new BadAddressException(
          isCode ? "The code at " + place + " cannot be written" : "There is no code at " + place,
          address,
          0);
    }
    SetBreakpoint breakpoint =
        new SetBreakpoint(process.addressSpace(), address, original, onHit, remover);
    breakpoints.put(address, breakpoint);
    return breakpoint;
  }

  /** Puts the original instruction back, if the breakpoint is still there. */
  void remove(SetBreakpoint breakpoint) {
    AddressSpace space = breakpoint.addressSpace();
    if (space.breakpoints().remove(breakpoint.address(), breakpoint)) {
      int tid = live.taskIn(space);
      if (tid != 0) {
        space.removed().put(breakpoint.address(), breakpoint);
        takeOut(tid, breakpoint);
      }
    }
  }

  /** The process is let go: it must not meet a breakpoint that nobody answers. */
  void removeAll(Tracee process) {
    for (SetBreakpoint breakpoint : List.copyOf(process.addressSpace().breakpoints().values())) {
      remove(breakpoint);
    }
  }

  /** Puts the original instruction back, unless the program has other content there by now. */
  private void takeOut(int tid, SetBreakpoint breakpoint) {
    if (hasBreakpointInstruction(tid, breakpoint.address())) {
      write(tid, breakpoint.address(), breakpoint.original());
    }
  }

  private boolean hasBreakpointInstruction(int tid, long address) {
    return hasCode(tid, address, architecture.breakpointInstruction());
  }

  private boolean hasCode(int tid, long address, byte[] code) {
    byte[] now = new byte[code.length];
    if (transfer.read(tid, address, now.length) != now.length) {
      return false;
    }
    transfer.get(0, now, 0, now.length);
    return Arrays.equals(now, code);
  }

  /**
   * A forked child has a copy of its parent's code, breakpoints included, but not the listener.
   * Also of those that were removed between the fork and its report.
   */
  void removeInChild(Task child, AddressSpace parent) {
    if (child.process().addressSpace() == parent) {
      return;
    }
    parent.breakpoints().values().forEach(breakpoint -> takeOut(child.tid(), breakpoint));
    parent.removed().values().forEach(breakpoint -> takeOut(child.tid(), breakpoint));
  }

  /**
   * Writes code by {@code /proc/TID/mem}, which needs no stopped task, and goes to pages that the
   * program may not write as {@code PTRACE_POKETEXT} does (both: {@code FOLL_FORCE}).
   *
   * @return false when the task is gone, or its memory is: the kernel then writes 0 bytes
   */
  private static boolean write(int tid, long address, byte[] code) {
    Path memory = Path.of("/proc/" + tid + "/mem");
    try (FileChannel channel = FileChannel.open(memory, StandardOpenOption.WRITE)) {
      return channel.write(ByteBuffer.wrap(code), address) == code.length;
    } catch (IOException e) {
      return false;
    }
  }

  /** Any stop of a task that was stepping over a breakpoint: sets the breakpoint again. */
  void stopped(Task task) {
    SetBreakpoint passed = task.steppingOver;
    if (passed == null) {
      return;
    }
    task.steppingOver = null;
    Map<Long, SetBreakpoint> breakpoints = task.process().addressSpace().breakpoints();
    if (breakpoints.get(passed.address()) == passed) {
      if (!write(task.tid(), passed.address(), architecture.breakpointInstruction())) {
        setAgainForOthers(passed);
      }
      long now = instructionPointer(task);
      // The second: another thread had set it again meanwhile.
      task.interruptedAt =
          now == passed.address() || now == passed.address() + architecture.breakpointAdvance()
              ? passed
              : null;
    }
  }

  /** A task has ended: if it was stepping over a breakpoint, sets it again for the others. */
  void ended(Task task) {
    SetBreakpoint passed = task.steppingOver;
    task.steppingOver = null;
    if (passed != null) {
      setAgainForOthers(passed);
    }
  }

  /** The task that stepped over it is being killed, which its vfork parent, for one, survives. */
  private void setAgainForOthers(SetBreakpoint passed) {
    AddressSpace space = passed.addressSpace();
    int tid = live.taskIn(space);
    if (tid != 0
        && space.breakpoints().get(passed.address()) == passed
        && hasCode(tid, passed.address(), passed.original())) {
      write(tid, passed.address(), architecture.breakpointInstruction());
    }
  }

  /**
   * Takes up a {@code SIGTRAP}.
   *
   * @return false when it is the program's own
   */
  boolean take(Task task) {
    Consumer<? super CodeStop> step = task.step;
    Map<Long, SetBreakpoint> breakpoints = task.process().addressSpace().breakpoints();
    boolean wasStepping = task.wasStepping;
    task.wasStepping = false;
    Map<Long, SetBreakpoint> removed = task.process().addressSpace().removed();
    if (!wasStepping && step == null && breakpoints.isEmpty() && removed.isEmpty()) {
      return false;
    }
    if (ptrace.sigInfo(task.tid(), sigInfo) < 0) {
      return true;
    }
    int code = ByteBuffer.wrap(sigInfo).order(ByteOrder.nativeOrder()).getInt(CODE_OFFSET);
    if (code == SI_KERNEL || code == TRAP_BRKPT) {
      long address = instructionPointer(task) - architecture.breakpointAdvance();
      SetBreakpoint hit = breakpoints.get(address);
      if (hit != null) {
        hit(task, hit);
        return true;
      }
      if (removed.containsKey(address) && !hasBreakpointInstruction(task.tid(), address)) {
        // It was removed after the task had met it.
        setInstructionPointer(task, address);
        return true;
      }
    }
    if ((code == TRAP_TRACE || code == SIGTRAP) && wasStepping) {
      SetBreakpoint interruptedAt = task.interruptedAt;
      if (interruptedAt != null && instructionPointer(task) != interruptedAt.address()) {
        task.interruptedAt = null;
      }
      if (step != null) {
        task.step = null;
        call(task, instructionPointer(task), step);
      }
      return true;
    }
    return false;
  }

  /**
   * Whether the task has met a breakpoint, or made a step, of which its next stop will tell: its
   * {@code SIGTRAP} is delivered after a stop that {@code PTRACE_INTERRUPT} has asked for
   * (kernel/signal.c, get_signal()).
   */
  boolean awaitsTrap(Task task) {
    if (!task.wasStepping && task.process().addressSpace().removed().isEmpty()) {
      return false;
    }
    try {
      return ProcStatus.isPending(task.tid(), SIGTRAP);
    } catch (TraceeDiedException e) {
      return false;
    }
  }

  private void hit(Task task, SetBreakpoint breakpoint) {
    setInstructionPointer(task, breakpoint.address());
    boolean told = task.interruptedAt == breakpoint;
    task.interruptedAt = null;
    if (!told) {
      call(task, breakpoint.address(), breakpoint.onHit());
    }
    Map<Long, SetBreakpoint> breakpoints = task.process().addressSpace().breakpoints();
    boolean stays = breakpoints.get(breakpoint.address()) == breakpoint;
    if (stays && instructionPointer(task) == breakpoint.address()) {
      write(task.tid(), breakpoint.address(), breakpoint.original());
      task.steppingOver = breakpoint;
    }
  }

  private void call(Task task, long address, Consumer<? super CodeStop> callback) {
    view.begin(task, address);
    listeners.onCodeStop(view, task, callback);
    view.end();
  }

  /**
   * Whether the task has to be resumed by {@code PTRACE_SINGLESTEP}. Not for an instruction that
   * makes a system call: stepping would hide the call's stops, and could block.
   */
  boolean wantsStep(Task task) {
    if (!isStepping(task) || task.inSyscall) {
      return false;
    }
    byte[] code = new byte[instructionLength];
    if (transfer.read(task.tid(), instructionPointer(task), code.length) == code.length) {
      transfer.get(0, code, 0, code.length);
      if (architecture.isSyscallInstruction(code)) {
        return false;
      }
    }
    task.wasStepping = true;
    return true;
  }

  /** Whether the task is to stop soon, be it by a system call's stop. */
  boolean isStepping(Task task) {
    return task.step != null || task.steppingOver != null;
  }

  /** The exit stop of a system call, which was the instruction to be stepped. */
  void callReturned(Task task) {
    Consumer<? super CodeStop> step = task.step;
    if (step != null) {
      task.step = null;
      call(task, instructionPointer(task), step);
    }
  }

  private long instructionPointer(Task task) {
    return registers.read(task.tid()) ? registers.get(registers.layout().instructionPointer()) : 0;
  }

  private void setInstructionPointer(Task task, long address) {
    // Else it was killed in its stop: its end will be reported.
    if (registers.read(task.tid())) {
      registers.set(registers.layout().instructionPointer(), address);
      registers.write(task.tid());
    }
  }
}
