package io.sysmon.internal.engine;

import io.sysmon.Signal;
import io.sysmon.TraceeDiedException;
import io.sysmon.internal.memory.GeneralRegisters;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;
import java.util.Objects;

/**
 * Calls that are left before they are done, because of a signal, a stop or the tracer: knows which
 * the kernel will restart, and sees to it that a program is told of an interruption when it would
 * be told without a tracer, and only then. Tracer thread.
 */
final class Interruptions {
  private static final int EINTR = 4;

  private final Ptrace ptrace;
  private final Architecture architecture;
  private final Listeners listeners;
  private final CallReader calls;
  private final CallVerbs verbs;
  private final GeneralRegisters registers;

  Interruptions(
      Ptrace ptrace,
      Architecture architecture,
      Listeners listeners,
      CallReader calls,
      CallVerbs verbs) {
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.listeners = listeners;
    this.calls = calls;
    this.verbs = verbs;
    registers = new GeneralRegisters(ptrace, architecture);
  }

  /** A call has returned what the task says. */
  void returned(Task task) {
    if (task.isInterrupted && !architecture.restartsAfterSignals() && makeAgain(task)) {
      // In the signal's stop it would be too late.
      return;
    }
    Restart restart = task.restart;
    if (Restart.isRestartCode(task.result)) {
      willRestart(task);
    } else if (restart != null && task.convention != null && CallReader.isReturnFromHandler(task)) {
      restart.handlerReturned(
          task.result, ptrace.infoInstructionPointer(), task.convention.instruction().length);
    }
  }

  private void willRestart(Task task) {
    if (task.restart == null) {
      task.restart = new Restart();
    }
    if (task.isRestart && CallReader.isRestartSyscall(task)) {
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

  /**
   * Of a call that was seen at its entry only: if it was interrupted, it may be entered again, and
   * that is told.
   */
  private void findInterrupted(Task task) {
    if (task.toSyscalls
        || task.process().filtering() == Filtering.NONE
        || !registers.read(task.tid())
        || !Restart.isRestartCode(registers.get(registers.layout().result()))
        || (int) registers.get(registers.layout().enteredNumber()) < 0
        || ptrace.syscallInfo(task.tid()) < 0
        || !calls.findUnseen(task)) {
      return;
    }
    if (listeners.wantsEnter(task)) {
      verbs.see(task, registers.get(registers.layout().result()));
      willRestart(task);
    }
  }

  /** A signal is about to be delivered, or, if it is 0, was suppressed. */
  void signalled(Task task, int signal) {
    findInterrupted(task);
    Restart restart = task.restart;
    boolean willRestart = restart != null && restart.isPending();
    boolean isInterrupted = leavesInterrupted(task);
    if (!willRestart && !isInterrupted) {
      return;
    }
    try {
      boolean isIgnored = signal == 0 || ProcStatus.isIgnored(task.tid(), signal);
      if (willRestart && signal != 0 && isIgnored && wasBlocked(task, signal)) {
        endWait(task);
      } else if (willRestart && signal != 0 && ProcStatus.runsHandler(task.tid(), signal)) {
        if (!endWait(task)) {
          Objects.requireNonNull(restart).handlerBegins();
        }
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
    if (leavesInterrupted(task)) {
      answerInterrupted(task);
    } else {
      endWait(task);
    }
  }

  /**
   * Ends a call that waits on although the kernel has answered {@code EINTR}, if the task is not in
   * it: it is leaving it to make it again, or is back at its instruction and has not made it yet.
   */
  private boolean endWait(Task task) {
    Restart restart = task.restart;
    if (task.wait == null || restart == null || !registers.read(task.tid())) {
      return false;
    }
    RegisterLayout layout = registers.layout();
    int length = Objects.requireNonNull(task.convention).instruction().length;
    long instruction = registers.get(layout.instructionPointer());
    if (restart.isBackAt(instruction, registers.get(layout.stackPointer()), length)) {
      registers.set(layout.instructionPointer(), instruction + length);
    } else if ((int) registers.get(layout.result()) != Restart.UNLESS_HANDLER
        || (int) registers.get(layout.enteredNumber()) < 0) {
      return false;
    }
    answerInterrupted(task);
    return true;
  }

  private void answerInterrupted(Task task) {
    registers.set(registers.layout().result(), -EINTR);
    if (architecture.restartsAfterSignals()) {
      registers.set(registers.layout().enteredNumber(), -1);
    }
    registers.write(task.tid());
    if (task.wait != null) {
      task.restart = null;
      task.wait = null;
    }
  }

  /** Whether it is on its way out of a call to which the kernel has answered {@code EINTR}. */
  private boolean leavesInterrupted(Task task) {
    return architecture.restartsAfterSignals()
        && (task.isInterrupted || !seesCalls(task))
        && registers.read(task.tid())
        && (int) registers.get(registers.layout().result()) == -EINTR
        && (int) registers.get(registers.layout().enteredNumber()) >= 0;
  }

  /** Whether the call that a task leaves has been seen, also if nobody wanted it. */
  private boolean seesCalls(Task task) {
    return task.toSyscalls && listeners.wantsSyscalls();
  }

  /** Has the kernel make a call again that waits, or ends it if its time is over. */
  private void waitOn(Task task) {
    boolean wasSeen = seesCalls(task) || task.wait != null;
    if (ptrace.syscallInfo(task.tid()) >= 0 && (wasSeen || calls.findUnseen(task))) {
      makeAgain(task);
    }
  }

  /** The same, of a call that the task says it is leaving; false when it is no such call. */
  private boolean makeAgain(Task task) {
    if (task.wait == null) {
      task.wait = Wait.of(task, CallReader.nameOf(task), verbs.transfer());
    }
    if (task.wait == null || !registers.read(task.tid())) {
      return false;
    }
    long result = goOn(task, task.wait);
    if (result == Restart.UNLESS_HANDLER) {
      willRestart(task);
    }
    registers.set(registers.layout().result(), result);
    registers.write(task.tid());
    return true;
  }

  /** What a call returns that waits on, or whose time is over. */
  private static long goOn(Task task, Wait wait) {
    if (wait.isOver()) {
      task.wait = null;
      return wait.onTimeout();
    }
    return Restart.UNLESS_HANDLER;
  }

  /** The result of the call that a task is leaving; one that only we have interrupted goes on. */
  boolean readResult(Task task) {
    if (!registers.read(task.tid())) {
      return false;
    }
    RegisterLayout layout = registers.layout();
    verbs.see(task, registers.get(layout.result()));
    boolean continues =
        Restart.isContinued(task.result) && task.process().isReleasing() && goesOnRewritten(task);
    if (continues && CallReader.isRestartSyscall(task)) {
      int number =
          layout.callNumber() == layout.result() ? layout.enteredNumber() : layout.callNumber();
      registers.set(number, Objects.requireNonNull(task.restart).number());
    }
    boolean madeAgain =
        task.result == -EINTR
            && (architecture.restartsAfterSignals() || task.inSyscall)
            && MadeAgain.contains(CallReader.nameOf(task));
    if (madeAgain && task.wait == null && task.process().isHandingOver()) {
      // Which may happen to it more than once: its time must not begin anew each time.
      task.wait = Wait.of(task, CallReader.nameOf(task), verbs.transfer());
    }
    if (continues || madeAgain) {
      Wait wait = madeAgain ? task.wait : null;
      verbs.see(task, wait == null ? Restart.UNLESS_HANDLER : goOn(task, wait));
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
    boolean before = task.isRestart && (!task.inSyscall || CallReader.isRestartSyscall(task));
    return before ? Objects.requireNonNull(task.restart).isRewritten() : isRewritten(task);
  }

  private static boolean isRewritten(Task task) {
    CallChanges changes = task.changes;
    return changes != null && (changes.arguments != 0 || changes.number);
  }

  /**
   * A stop after {@code PTRACE_INTERRUPT}, at which a task is leaving the call that it was in, if
   * it was in one: the program must not be told that the call was interrupted.
   */
  void interrupted(Task task) {
    task.interrupted = false;
    boolean known = task.inSyscall;
    if (known || (ptrace.syscallInfo(task.tid()) >= 0 && calls.findUnseen(task))) {
      readResult(task);
      if (!known && Restart.isRestartCode(task.result) && wasTold(task)) {
        willRestart(task);
      }
    }
  }

  /** Whether the entry of an interrupted call was told, of which the exit is not to be seen. */
  private boolean wasTold(Task task) {
    return task.process().filtering() != Filtering.NONE && listeners.wantsEnter(task);
  }
}
