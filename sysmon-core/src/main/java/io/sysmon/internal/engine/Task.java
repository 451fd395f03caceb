package io.sysmon.internal.engine;

import io.sysmon.CodeStop;
import io.sysmon.Signal;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeTask;
import io.sysmon.decode.CallText;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.SyscallConvention;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** One task: its identity, its state, and the system call it is in. */
final class Task implements TraceeTask {
  static final int ARGUMENTS = 6;

  private volatile int tid;
  private final Tracee tracee;
  private volatile boolean alive = true;
  private volatile boolean letGo;
  private TaskState state;

  /** Set from the entry stop to the exit stop of a call. */
  boolean inSyscall;

  /** When its last stop began, in {@link System#nanoTime()}, with what handing over took. */
  long stoppedAt = System.nanoTime();

  /** When it last went on. */
  long goneOnAt = stoppedAt;

  /**
   * The call was entered by a syscall-enter-stop, which comes before its filters: one of these may
   * still stop it. It is followed to its exit, lest that stop be taken for another call's entry.
   */
  boolean isFollowed;

  /** It was resumed so that every system call stops. */
  boolean toSyscalls = true;

  /** A filter of the program leaves its call to a tracer, of which the program has none. */
  boolean isRefused;

  /** {@code CLONE_UNTRACED} was taken out of the structure of its clone3. */
  boolean clonesUntraced;

  /** The ABI's index in the architecture's list. */
  int abi;

  /** The number's index in that ABI's table. */
  int index;

  /** The call's raw number. */
  long number;

  /** Which bits of an argument register belong to the call's ABI. */
  long argumentMask = -1;

  /** Where the call's arguments are; null when its ABI's registers cannot be changed. */
  @Nullable SyscallConvention convention;

  final long[] arguments = new long[ARGUMENTS];
  @Nullable SyscallSignature signature;

  /**
   * {@link System#nanoTime()} when the call went on from its entry stop; 0 when that was not seen.
   */
  long enteredNanos;

  /** The kernel has answered {@code EINTR} to its last call. */
  boolean isInterrupted;

  /** What it waits for in the call that it is in, when it has been woken for nothing. */
  @Nullable Wait wait;

  /** The result of the call that is at its exit stop, as the program will see it. */
  long result;

  boolean failed;

  /** What listeners changed of the call; null until they change something for the first time. */
  @Nullable CallChanges changes;

  /** The call's line as it was described at the entry; null when nobody asked for it. */
  @Nullable CallText text;

  /** Argument registers to restore at the first stop: those of its parent's changed call. */
  long @Nullable [] restoreAtStart;

  /** Which of them: bit n for argument n. */
  int changedAtStart;

  /** Whether the call was entered again by the kernel after a signal. */
  boolean isRestart;

  /** The interrupted call; null until one is interrupted. */
  @Nullable Restart restart;

  /** The answer that this task waits for at its entry stop. */
  @Nullable Hold hold;

  /** How much later, in nanoseconds, the call is to return that is at its exit stop. */
  long returnDelay;

  /** {@link System#nanoTime()} when it does, while it waits in that stop. */
  long returnsAt;

  /** Scratch areas that this task uses; null until it needs one. */
  @Nullable TaskScratch scratch;

  /** The memory that its own began as a copy of; until its first stop. */
  @Nullable AddressSpace copiedFrom;

  /**
   * It ended, or became another program, while a call was being injected: nothing more is to be
   * done to the stop that it was in. The event that tells is still to come.
   */
  boolean left;

  /** It is on its way through a call that is injected: its registers are not the program's. */
  boolean inInjectedCall;

  /** Its own seccomp filter is out of force until the call under way has returned. */
  boolean filterSuspended;

  /** It has to pass the kernel's way of signal delivery when its call returns. */
  boolean interruptOnReturn;

  /**
   * {@code PTRACE_INTERRUPT} was sent: a call that blocks returns early, as if for a signal. Until
   * a stop outside of a call.
   */
  boolean interrupted;

  /** By its execve it has taken the id of a leader that was let go before. Until that is told. */
  boolean hasTakenOver;

  /** It is the last of a process that is let go, and scratch can be unmapped at an entry only. */
  boolean unmapsAtEntry;

  /** That entry has come. */
  boolean hasUnmappedAtEntry;

  /** It was left in a group-stop, of which the listeners have been told. */
  boolean listening;

  final TaskHistory history = new TaskHistory();

  final Heat heat = new Heat();

  /**
   * What {@link Watch} knows of it: how much history there was at its last look, and when that was.
   */
  int watchedCount;

  long watchedNanos;
  long watchInterval;
  boolean suspect;

  /** What is to be called after one instruction. */
  @Nullable Consumer<? super CodeStop> step;

  /** The last resumption was a single step. */
  boolean wasStepping;

  /** The breakpoint that was taken out for the step under way. */
  @Nullable SetBreakpoint steppingOver;

  /** A breakpoint that was told of, and whose instruction a signal's handler came before. */
  @Nullable SetBreakpoint interruptedAt;

  /** While ARRIVING: what it had before. */
  @Nullable Parked parked;

  /** While EARLY: the status of its first stop, which waits for its answer. */
  int firstStop;

  /** While EARLY: how many intervals it has waited for its fork event. */
  int intervalsWaited;

  /** Set while this task is a gate on its way to becoming the program. */
  @Nullable PendingLaunch launch;

  Task(int tid, Tracee tracee, TaskState state) {
    this.tid = tid;
    this.tracee = tracee;
    this.state = state;
  }

  @Override
  public int tid() {
    return tid;
  }

  @Override
  public List<Integer> namespaceTids() {
    if (!alive) {
      throw new TraceeDiedException(this + " has ended, and its ids with it");
    }
    return ProcStatus.namespaceTids(tid);
  }

  /** The thread called execve and has taken its leader's id. Not while it is in a table. */
  void becomeLeader(int leaderTid) {
    tid = leaderTid;
  }

  @Override
  public TraceeHandle tracee() {
    return tracee;
  }

  /** For a call that is being changed. */
  SyscallConvention convention() {
    return Objects.requireNonNull(convention);
  }

  Tracee process() {
    return tracee;
  }

  TaskState state() {
    return state;
  }

  void state(TaskState next) {
    if (state == TaskState.ENDED) {
      throw new IllegalStateException("Task " + tid + " has ended and cannot be " + next);
    }
    state = next;
    if (next == TaskState.ENDED) {
      alive = false;
    }
  }

  /** It goes on untraced. */
  void letGo() {
    letGo = true;
    state(TaskState.ENDED);
  }

  /** Brings it to a stop. One that has ended is left at that: its end will be reported. */
  void interrupt(Ptrace ptrace) {
    interrupted = true;
    history.requested(TaskHistory.INTERRUPT, 0, System.nanoTime());
    ptrace.interrupt(tid);
  }

  @Override
  public boolean isAlive() {
    return alive;
  }

  @Override
  public void signal(Signal signal) {
    send(signal, () -> TaskSignals.send(this, signal));
  }

  @Override
  public void signal(Signal signal, long value) {
    send(signal, () -> TaskSignals.queue(this, signal, value));
  }

  private void send(Signal signal, IntSupplier call) {
    checkExists(signal);
    if (letGo) {
      throw tracee.detached();
    }
    if (!alive || !tracee.send(signal, this, call)) {
      throw new TraceeDiedException(this + " has ended and cannot get " + signal.name());
    }
  }

  /** Checks that the kernel knows a signal's number. */
  void checkExists(Signal signal) {
    if (!signal.exists()) {
      throw new IllegalArgumentException(
          signal + " cannot be delivered to " + this + ": signals have the numbers 1 to 64");
    }
  }

  @Override
  public String toString() {
    return "task " + tid + " of process " + tracee.pid();
  }
}
