package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.SyscallEnter;
import io.sysmon.TraceException;
import io.sysmon.TraceeListener.ForkKind;
import io.sysmon.decode.SyscallNumbers;
import io.sysmon.internal.memory.GeneralRegisters;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.SyscallConvention;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The two stops of a system call, between {@code PTRACE_GET_SYSCALL_INFO} and the resumption: says
 * what the call is, calls the listeners, writes what they changed. Tracer thread.
 */
final class SyscallStops {
  private static final int CLONE_VM = 0x100;
  private static final int KCMP_VM = 1;
  private static final int EINTR = 4;

  /** What a call gets that a filter leaves to a tracer when there is none. */
  private static final int ENOSYS = 38;

  private final Ptrace ptrace;
  private final Listeners listeners;
  private final GeneralRegisters registers;
  private final CallReader calls;
  private final Interruptions interruptions;
  private final Placer placer;
  private final UserFaults userFaults;
  private final CallVerbs verbs;
  private final Escapes escapes;
  private final List<Abi> abis;
  private final CallRewriter rewriter;
  private final EnterView enterView;
  private final ExitView exitView;

  SyscallStops(
      Thread owner,
      Ptrace ptrace,
      Architecture architecture,
      Listeners listeners,
      HoldDesk desk,
      SignalStops signals,
      VmTransfer transfer,
      Placer placer) {
    this.ptrace = ptrace;
    this.placer = placer;
    this.listeners = listeners;
    registers = new GeneralRegisters(ptrace, architecture);
    List<SyscallNumbers> numbers = listeners.abis();
    calls = new CallReader(ptrace, architecture, numbers, transfer);
    verbs =
        new CallVerbs(numbers, new InjectedCalls(ptrace, architecture, signals), desk, transfer);
    interruptions = new Interruptions(ptrace, architecture, listeners, calls, verbs);
    userFaults = new UserFaults(numbers, transfer);
    abis = architecture.abis();
    escapes = new Escapes(ptrace, abis, numbers, verbs);
    rewriter = new CallRewriter(ptrace, architecture);
    enterView = new EnterView(owner, ptrace, architecture, verbs);
    exitView = new ExitView(owner, ptrace, architecture, verbs);
  }

  /**
   * Takes up an entry stop, whose {@link Ptrace#syscallInfo} has been read.
   *
   * @param byFilter whether it is a filter's stop, and no syscall-enter-stop
   * @return false when a listener holds the call, and the task must not be resumed
   */
  boolean enter(Task task, boolean byFilter) {
    task.inSyscall = true;
    task.text = null;
    task.isFollowed = !byFilter;
    task.isRefused = byFilter && ptrace.infoFilterData() != LaunchFilter.DATA;
    calls.entered(task);
    userFaults.entered(task);
    int errno = listeners.failure(task);
    if (errno != 0) {
      fail(task, errno, byFilter);
    }
    if (listeners.wantsEnter(task)) {
      enterView.begin(task, task.history.lastNanos());
      listeners.onEnter(enterView, task);
      enterView.end();
      if (task.hold != null) {
        return false;
      }
    }
    finishEnter(task);
    return true;
  }

  /** Before the listeners, who may decide otherwise. */
  private void fail(Task task, int errno, boolean byFilter) {
    if (byFilter) {
      verbs.refuse(task, abis.get(task.abi), errno);
    } else if (task.process().filtering() == Filtering.NONE) {
      try {
        verbs.skip(task, abis.get(task.abi), -errno);
      } catch (TraceException e) {
        listeners.couldNotFail(task, e);
      }
    }
    // Else our filter does it, or stops the call once more.
  }

  /**
   * Takes up the stop of a filter that comes after the entry stop of the same call, and whose
   * {@link Ptrace#syscallInfo} has been read.
   */
  void filtered(Task task) {
    boolean ours = ptrace.infoFilterData() == LaunchFilter.DATA;
    boolean isProgramsCall = task.changes == null || !task.changes.number;
    int errno = ours ? (isProgramsCall ? listeners.failure(task) : 0) : ENOSYS;
    if (errno != 0) {
      verbs.refuse(task, abis.get(task.abi), errno);
      writeChanges(task);
    }
  }

  /** Whether the next stop of a task that has our filter must come, also if nobody wants it. */
  boolean needsNextStop(Task task) {
    if (task.inSyscall) {
      return task.isFollowed
          || task.interruptOnReturn
          || task.clonesUntraced
          || isChanged(task)
          || listeners.wantsExit(task);
    }
    // Else it would not be known whether the call is made again, or what is made again.
    return task.result == -EINTR || (task.restart != null && task.restart.isPending());
  }

  /** A process was attached. */
  void attached(int pid) {
    userFaults.attached(pid);
  }

  /** A held task is let go: its call is what the listeners made of it before they held it. */
  void leaveEntry(Task task) {
    finishEnter(task);
  }

  private void finishEnter(Task task) {
    if (task.left) {
      return;
    }
    if (task.filterSuspended && (task.changes == null || !task.changes.skipped)) {
      verbs.resumeFilter(task);
    }
    if (task.isRefused) {
      verbs.refuse(task, abis.get(task.abi), ENOSYS);
    }
    escapes.entered(task);
    writeChanges(task);
    placer.entering(task);
    task.enteredNanos = System.nanoTime();
  }

  private void writeChanges(Task task) {
    if (task.changes != null && task.changes.atEntry()) {
      rewriter.enter(task, task.changes);
    }
  }

  /**
   * Carries out the answer to a held call.
   *
   * @return false when the task was killed meanwhile
   */
  boolean answer(Task task, Consumer<? super SyscallEnter> rewrite) {
    int operation = ptrace.syscallInfo(task.tid());
    if (operation != Ptrace.SYSCALL_INFO_ENTRY && operation != Ptrace.SYSCALL_INFO_SECCOMP) {
      return false;
    }
    enterView.begin(task, System.nanoTime());
    verbs.answering(true);
    listeners.onAnswer(enterView, task, rewrite);
    verbs.answering(false);
    enterView.end();
    finishEnter(task);
    return true;
  }

  /** Whether the callback under way is about a task of the process. */
  boolean isCurrent(Tracee process) {
    return enterView.isAbout(process) || exitView.isAbout(process);
  }

  /** Makes a call in the task that the callback under way is about. */
  long inject(String name, long... arguments) {
    return enterView.isValid()
        ? enterView.syscall(name, arguments)
        : exitView.syscall(name, arguments);
  }

  /** Makes a call in a task that is held at an entry or exit stop. */
  long inject(Task held, String name, long... arguments) {
    long result = verbs.inject(held, held.inSyscall, name, arguments);
    refreshViews();
    return result;
  }

  /** After another task than that of the callback under way was looked at. */
  void refreshViews() {
    enterView.refresh();
    exitView.refresh();
  }

  /** Takes up an exit stop, whose {@link Ptrace#syscallInfo} has been read. */
  void exit(Task task) {
    if (!task.inSyscall && !calls.findUnseen(task)) {
      return;
    }
    if (task.interrupted) {
      interruptions.interrupted(task);
      ptrace.syscallInfo(task.tid());
    }
    verbs.see(task, ptrace.infoResult());
    returned(task);
  }

  /** The call of a task is over, and its result is known. */
  private void returned(Task task) {
    task.inSyscall = false;
    escapes.returned(task);
    CallChanges changes = task.changes;
    if (changes != null && changes.any()) {
      applyToResult(task, changes);
    }
    if (listeners.wantsExit(task)) {
      exitView.begin(task, task.history.lastNanos());
      listeners.onExit(exitView, task);
      exitView.end();
      changes = task.changes;
    }
    if (task.left) {
      return;
    }
    task.isInterrupted = task.result == -EINTR && (changes == null || !changes.resultSet);
    if (!task.isInterrupted) {
      task.wait = null;
    }
    interruptions.returned(task);
    if (task.filterSuspended) {
      verbs.resumeFilter(task);
    }
    if (changes != null && !changes.skipped && CallReader.isReturnFromHandler(task)) {
      // They are those of what the signal has interrupted, at any instruction.
      changes.registersReplaced();
    }
    if (changes != null && changes.any()) {
      rewriter.exit(task, changes);
      changes.end(task);
    }
  }

  private void applyToResult(Task task, CallChanges changes) {
    if (changes.skipped) {
      changes.resultSet = true;
      verbs.see(task, changes.result);
    } else if (changes.length && task.result == changes.acceptedLength) {
      changes.resultSet = true;
      verbs.see(task, changes.reportedLength);
    }
  }

  /** A stop outside of calls, perhaps on the way out of one. */
  void outsideCalls(Task task) {
    if (task.changes != null && task.changes.firstWasOther) {
      task.changes.firstWasOther = false;
      rewriter.rollBack(task, task.changes);
    }
  }

  /** The call has made another program of the task: there are no registers to restore. */
  void executed(Task task) {
    if (task.changes != null) {
      task.changes.registersReplaced();
    }
    task.restart = null;
    leaveAddressSpace(task);
    task.process().newAddressSpace();
  }

  /** Whether its program's registers or result are to be restored when the call returns. */
  boolean isChanged(Task task) {
    return task.filterSuspended || (task.changes != null && task.changes.any());
  }

  /** Unmaps what was mapped by {@link CallVerbs#scratch} and is not in use. */
  void unmapFree(Task task, boolean atEntry) {
    verbs.unmapFree(task, atEntry);
    enterView.refresh();
    exitView.refresh();
  }

  /** Whether no call can be injected into a task outside of calls, but at an entry. */
  boolean waitsWithOwnMask(Task task) {
    return verbs.waitsWithOwnMask(task);
  }

  /** The task has ended, or has executed another program. */
  void leaveAddressSpace(Task task) {
    if (task.scratch != null) {
      task.scratch.giveBack();
      task.scratch = null;
    }
  }

  Interruptions interruptions() {
    return interruptions;
  }

  /** Whether the child that a task's call has made is in the same memory ({@code CLONE_VM}). */
  boolean childSharesMemory(Task parent, int child, ForkKind kind) {
    long compared =
        Native.libc()
            .syscall(listeners.abis().get(0).number("kcmp"), parent.tid(), child, KCMP_VM, 0);
    // Else the kernel cannot tell (CONFIG_KCMP), or one of them was killed.
    return compared < 0 ? saysToShareMemory(parent, kind) : compared == 0;
  }

  /** What the call says, if its entry was seen. */
  private boolean saysToShareMemory(Task parent, ForkKind kind) {
    String name =
        parent.inSyscall && parent.signature != null ? parent.signature.name() : "unknown";
    return switch (name) {
      case "clone" -> (parent.arguments[0] & CLONE_VM) != 0;
      case "clone3" -> (verbs.firstWord(parent, parent.arguments[0]) & CLONE_VM) != 0;
      default -> kind == ForkKind.VFORK;
    };
  }

  /** A child begins with its parent's registers, with what was changed of them for the parent. */
  void forked(Task parent, Task child) {
    escapes.forked(parent, child.tid());
    CallChanges changes = parent.changes;
    if (parent.inSyscall && changes != null && changes.arguments != 0) {
      child.changedAtStart = changes.arguments;
      child.restoreAtStart = changes.programArguments.clone();
      child.convention = parent.convention;
      child.argumentMask = parent.argumentMask;
    }
  }

  /** A child whose fork nobody announced has the registers of its parent's call, if it is that. */
  void inherit(Task child, LostFork fork) {
    SyscallConvention convention = fork.convention();
    if (convention == null || !registers.read(child.tid())) {
      return;
    }
    for (int i = 0; i < Task.ARGUMENTS; i++) {
      int register = convention.argument(i);
      if (register != registers.layout().result()
          && (registers.get(register) & fork.argumentMask()) != fork.argument(i)) {
        return;
      }
    }
    child.convention = convention;
    child.argumentMask = fork.argumentMask();
    child.changedAtStart = fork.changed();
    child.restoreAtStart = fork.programArguments();
  }

  /** The first stop of a task. */
  void started(Task task) {
    if (task.restoreAtStart != null) {
      rewriter.restoreInChild(task, task.changedAtStart, task.restoreAtStart);
      task.restoreAtStart = null;
    }
  }

  /**
   * The first stop of a task that was attached.
   *
   * @param outsideCalls whether it is leaving the call that it was in, if it was in one; else an
   *     exit stop will follow
   */
  void joined(Task task, boolean outsideCalls) {
    task.interrupted &= !outsideCalls;
    if (ptrace.syscallInfo(task.tid()) < 0 || !calls.findUnseen(task)) {
      return;
    }
    task.inSyscall = !outsideCalls;
    if (outsideCalls && interruptions.readResult(task)) {
      if (Restart.isRestartCode(task.result)) {
        interruptions.returned(task);
        Objects.requireNonNull(task.restart).unseen();
      } else {
        returned(task);
      }
    }
  }
}
