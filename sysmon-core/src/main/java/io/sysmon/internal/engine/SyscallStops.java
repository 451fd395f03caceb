package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeListener.ForkKind;
import io.sysmon.decode.SyscallNumbers;
import io.sysmon.decode.SyscallTable;
import io.sysmon.internal.memory.GeneralRegisters;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;
import io.sysmon.spi.SyscallConvention;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The two stops of a system call, between {@code PTRACE_GET_SYSCALL_INFO} and the resumption: says
 * what the call is, calls the listeners, writes what they changed. Tracer thread.
 */
final class SyscallStops {
  private static final int CLONE_VM = 0x100;
  private static final int KCMP_VM = 1;
  private static final int EINTR = 4;

  private final Ptrace ptrace;
  private final Architecture architecture;
  private final Listeners listeners;
  private final GeneralRegisters registers;
  private final List<Abi> abis;
  private final List<SyscallNumbers> numbers;
  private final @Nullable SyscallConvention[] conventions;
  private final UserFaults userFaults;
  private final CallVerbs verbs;
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
      VmTransfer transfer) {
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.listeners = listeners;
    registers = new GeneralRegisters(ptrace, architecture);
    abis = architecture.abis();
    numbers = abis.stream().map(Abi::name).map(SyscallTable.get()::abi).toList();
    conventions = new SyscallConvention[abis.size()];
    for (int abi = 0; abi < conventions.length; abi++) {
      conventions[abi] = architecture.convention(abi).orElse(null);
    }
    verbs =
        new CallVerbs(numbers, new InjectedCalls(ptrace, architecture, signals), desk, transfer);
    userFaults = new UserFaults(numbers, transfer);
    rewriter = new CallRewriter(ptrace, architecture);
    enterView = new EnterView(owner, ptrace, architecture, verbs);
    exitView = new ExitView(owner, ptrace, architecture, verbs);
  }

  /**
   * Takes up an entry stop, whose {@link Ptrace#syscallInfo} has been read.
   *
   * @return false when a listener holds the call, and the task must not be resumed
   */
  boolean enter(Task task) {
    task.inSyscall = true;
    identify(task, ptrace.infoNumber());
    for (int i = 0; i < Task.ARGUMENTS; i++) {
      task.arguments[i] = ptrace.infoArg(i) & task.argumentMask;
    }
    userFaults.entered(task);
    beginChanges(task);
    if (task.isRestart && isRestartSyscall(task) && unseen(task)) {
      // As the program made it: its listeners have not heard of it yet.
      Restart restart = Objects.requireNonNull(task.restart);
      identify(task, restart.number());
      System.arraycopy(restart.arguments(), 0, task.arguments, 0, Task.ARGUMENTS);
      if (task.changes != null) {
        task.changes.begin(task);
      }
    }
    if (listeners.wantsEnter(task)) {
      enterView.begin(task, System.nanoTime());
      listeners.onEnter(enterView, task);
      enterView.end();
      if (task.hold != null) {
        return false;
      }
    }
    finishEnter(task);
    return true;
  }

  /** A process was attached. */
  void attached(int pid) {
    userFaults.attached(pid);
  }

  private void beginChanges(Task task) {
    if (task.changes != null) {
      task.changes.begin(task);
    }
    if (task.scratch != null) {
      task.scratch.reset();
    }
    task.isRestart = task.restart != null && isRestart(task, task.restart);
    if (!task.isRestart) {
      task.wait = null;
    }
  }

  private static boolean isRestartSyscall(Task task) {
    return task.signature != null && task.signature.name().equals("restart_syscall");
  }

  private static boolean unseen(Task task) {
    return task.restart != null && task.restart.isUnseen();
  }

  private boolean isRestart(Task task, Restart restart) {
    return restart.isRestart(
        task,
        numbers.get(task.abi).byNumber(task.number).name(),
        ptrace.infoInstructionPointer(),
        ptrace.infoStackPointer());
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
    if (task.changes != null && task.changes.atEntry()) {
      rewriter.enter(task, task.changes);
    }
    task.enteredNanos = System.nanoTime();
  }

  /**
   * Carries out the answer to a held call.
   *
   * @return false when the task was killed meanwhile
   */
  boolean answer(Task task, Consumer<? super SyscallEnter> rewrite) {
    if (ptrace.syscallInfo(task.tid()) != Ptrace.SYSCALL_INFO_ENTRY) {
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

  /** Makes a call in a task that is held at an entry stop. */
  long inject(Task held, String name, long... arguments) {
    long result = verbs.inject(held, true, name, arguments);
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
    if (!task.inSyscall && !identifyUnseen(task)) {
      return;
    }
    if (task.interrupted) {
      interrupted(task);
      ptrace.syscallInfo(task.tid());
    }
    verbs.see(task, ptrace.infoResult());
    returned(task);
  }

  /** The call of a task is over, and its result is known. */
  private void returned(Task task) {
    task.inSyscall = false;
    CallChanges changes = task.changes;
    if (changes != null && changes.any()) {
      applyToResult(task, changes);
    }
    if (listeners.wantsExit(task)) {
      exitView.begin(task, System.nanoTime());
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
    noteInterruption(task);
    if (task.filterSuspended) {
      verbs.resumeFilter(task);
    }
    if (changes != null && changes.any()) {
      rewriter.exit(task, changes);
      changes.begin(task);
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

  private void noteInterruption(Task task) {
    Restart restart = task.restart;
    if (Restart.isRestartCode(task.result)) {
      willRestart(task);
    } else if (restart != null && task.convention != null && isReturnFromHandler(task)) {
      restart.handlerReturned(
          task.result, ptrace.infoInstructionPointer(), task.convention.instruction().length);
    }
  }

  private void willRestart(Task task) {
    if (task.restart == null) {
      task.restart = new Restart();
    }
    if (task.isRestart && isRestartSyscall(task)) {
      task.restart.interruptedAgain();
      return;
    }
    CallChanges changes = task.changes;
    task.restart.interrupted(
        changes == null ? task.number : changes.programNumber,
        changes == null ? task.arguments : changes.programArguments,
        ptrace.infoInstructionPointer(),
        ptrace.infoStackPointer(),
        isRewritten(task));
  }

  /** A signal is about to be delivered, or, if it is 0, was suppressed. */
  void signalled(Task task, int signal) {
    Restart restart = task.restart;
    boolean willRestart = restart != null && restart.isPending();
    boolean isInterrupted = leavesInterrupted(task);
    if (!willRestart && !isInterrupted) {
      return;
    }
    try {
      boolean isIgnored = signal == 0 || ProcStatus.isIgnored(task.tid(), signal);
      if (willRestart && signal != 0 && ProcStatus.runsHandler(task.tid(), signal)) {
        Objects.requireNonNull(restart).handlerBegins();
      } else if (isInterrupted && isIgnored && !wasBlocked(task, signal)) {
        waitOn(task);
      } else if (Signal.of(signal).isStopping() && !isIgnored) {
        stopped(task);
      }
    } catch (TraceeDiedException e) {
      // It was killed in its stop.
      task.restart = null;
    }
  }

  /**
   * Whether the program blocks a signal that has been delivered, because the call had a mask of its
   * own. It may have been pending before the call; then it interrupts it also if it is ignored
   * (kernel/signal.c sig_ignored()).
   */
  private boolean wasBlocked(Task task, int signal) {
    // Not the mask of the call (kernel/ptrace.c, PTRACE_GETSIGMASK).
    return signal != 0
        && (ptrace.getSignalMask(task.tid()) < 0
            || (ptrace.signalMask() & 1L << (signal - 1)) != 0);
  }

  /**
   * The task is in a group-stop, or will be. That ends a call that answers {@code EINTR}, also when
   * the task is continued (signal(7)), whatever came before and whatever continues it.
   */
  void stopped(Task task) {
    if (leavesCall(task)) {
      registers.set(registers.layout().result(), -EINTR);
      registers.set(registers.layout().enteredNumber(), -1);
      registers.write(task.tid());
      if (task.wait != null) {
        task.restart = null;
        task.wait = null;
      }
    }
  }

  /** Whether the kernel has answered {@code EINTR}, be it that the program is not to know. */
  private boolean leavesCall(Task task) {
    return leavesInterrupted(task)
        || (task.wait != null
            && registers.read(task.tid())
            && (int) registers.get(registers.layout().result()) == Restart.UNLESS_HANDLER
            && (int) registers.get(registers.layout().enteredNumber()) >= 0);
  }

  /** Whether it is on its way out of a call to which the kernel has answered {@code EINTR}. */
  private boolean leavesInterrupted(Task task) {
    return architecture.restartsAfterSignals()
        && (task.isInterrupted || !listeners.wantsSyscalls())
        && registers.read(task.tid())
        && (int) registers.get(registers.layout().result()) == -EINTR
        && (int) registers.get(registers.layout().enteredNumber()) >= 0;
  }

  /** Has the kernel make a call again that waits, or ends it if its time is over. */
  private void waitOn(Task task) {
    boolean wasSeen = listeners.wantsSyscalls() || task.wait != null;
    if (ptrace.syscallInfo(task.tid()) < 0 || !(wasSeen || identifyUnseen(task))) {
      return;
    }
    if (task.wait == null) {
      task.wait = Wait.of(task, nameOf(task), verbs.transfer());
    }
    Wait wait = task.wait;
    if (wait != null && registers.read(task.tid())) {
      if (!wait.isOver()) {
        willRestart(task);
      }
      registers.set(registers.layout().result(), wait.result());
      registers.write(task.tid());
    }
  }

  private static boolean isReturnFromHandler(Task task) {
    return task.signature != null && task.signature.name().endsWith("sigreturn");
  }

  /** The call has made another program of the task: there are no registers to restore. */
  void executed(Task task) {
    if (task.changes != null) {
      task.changes.arguments = 0;
      task.changes.number = false;
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

  /** Whether the child that a task's call has made is in the same memory ({@code CLONE_VM}). */
  boolean childSharesMemory(Task parent, int child, ForkKind kind) {
    long compared =
        Native.libc().syscall(numbers.get(0).number("kcmp"), parent.tid(), child, KCMP_VM, 0);
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
    if (ptrace.syscallInfo(task.tid()) < 0 || !identifyUnseen(task)) {
      return;
    }
    task.inSyscall = !outsideCalls;
    if (outsideCalls && readResult(task)) {
      if (Restart.isRestartCode(task.result)) {
        noteInterruption(task);
        Objects.requireNonNull(task.restart).unseen();
      } else {
        returned(task);
      }
    }
  }

  /** The result of the call that a task is leaving; one that only we have interrupted goes on. */
  private boolean readResult(Task task) {
    if (!registers.read(task.tid())) {
      return false;
    }
    RegisterLayout layout = registers.layout();
    verbs.see(task, registers.get(layout.result()));
    boolean continues =
        Restart.isContinued(task.result) && task.process().isReleasing() && goesOnRewritten(task);
    if (continues && isRestartSyscall(task)) {
      int number =
          layout.callNumber() == layout.result() ? layout.enteredNumber() : layout.callNumber();
      registers.set(number, Objects.requireNonNull(task.restart).number());
    }
    boolean madeAgain =
        task.result == -EINTR
            && architecture.restartsAfterSignals()
            && MadeAgain.contains(nameOf(task));
    if (continues || madeAgain) {
      Wait wait = madeAgain ? task.wait : null;
      verbs.see(task, wait == null ? Restart.UNLESS_HANDLER : wait.result());
      registers.set(layout.result(), task.result);
      registers.write(task.tid());
    }
    return true;
  }

  /**
   * Whether the kernel, which goes on with an interrupted call by restart_syscall(2), would go on
   * with what a listener made of it: in this stop, or before it was interrupted first.
   */
  private static boolean goesOnRewritten(Task task) {
    boolean before = task.isRestart && (!task.inSyscall || isRestartSyscall(task));
    return before ? Objects.requireNonNull(task.restart).isRewritten() : isRewritten(task);
  }

  private static boolean isRewritten(Task task) {
    CallChanges changes = task.changes;
    return changes != null && (changes.arguments != 0 || changes.number);
  }

  private static String nameOf(Task task) {
    return Objects.requireNonNull(task.signature).name();
  }

  /**
   * A stop after {@code PTRACE_INTERRUPT}, at which a task is leaving the call that it was in, if
   * it was in one: the program must not be told that the call was interrupted.
   */
  void interrupted(Task task) {
    task.interrupted = false;
    boolean known = task.inSyscall;
    if (known || (ptrace.syscallInfo(task.tid()) >= 0 && identifyUnseen(task))) {
      readResult(task);
    }
  }

  private void identify(Task task, long number) {
    task.abi = architecture.abiIndex(ptrace.infoArch(), number);
    task.argumentMask = abis.get(task.abi).registerMask();
    task.convention = conventions[task.abi];
    task.number = number;
    task.index = numbers.get(task.abi).index(number);
    task.signature = numbers.get(task.abi).byNumber(number);
  }

  /**
   * Whether a task is right behind an instruction that makes a call. Its number stays when the
   * kernel, on the way back to the program, has begun a signal's handler or gone back to make the
   * call again (arch/x86/kernel/signal.c, arch_do_signal_or_restart()); the result is no result.
   */
  private boolean hasMadeCall(Task task) {
    int length = architecture.convention(0).orElseThrow().instruction().length;
    byte[] code = new byte[length];
    long address = ptrace.infoInstructionPointer() - length;
    if (verbs.transfer().read(task.tid(), address, length) != length) {
      // Code that may not be read: most tasks are.
      return true;
    }
    verbs.transfer().get(0, code, 0, length);
    return architecture.isSyscallInstruction(code);
  }

  /** A call that was entered before its task was traced: number and arguments are still there. */
  private boolean identifyUnseen(Task task) {
    CurrentCall call = CurrentCall.of(task.tid());
    if (call == null || !hasMadeCall(task)) {
      return false;
    }
    identify(task, call.number());
    for (int i = 0; i < Task.ARGUMENTS; i++) {
      task.arguments[i] = call.argument(i) & task.argumentMask;
    }
    beginChanges(task);
    task.enteredNanos = 0;
    return true;
  }
}
