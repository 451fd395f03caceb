package io.sysmon.internal.engine;

import io.sysmon.Breakpoint;
import io.sysmon.CodeStop;
import io.sysmon.ExitStatus;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.StopTime;
import io.sysmon.TraceException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeMemory;
import io.sysmon.TraceeTask;
import io.sysmon.TracerClosedException;
import io.sysmon.internal.launch.LaunchedProcess;
import io.sysmon.internal.memory.VmMemory;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.Ptrace;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One process. The tracer thread adds and removes tasks and ends it; the rest may be called from
 * any thread.
 */
final class Tracee implements TraceeHandle {
  private static final int ESRCH = 3;
  private static final ThreadLocal<VmTransfer> TRANSFERS = ThreadLocal.withInitial(VmTransfer::new);

  private final int pid;
  private final @Nullable Tracee parent;
  private final boolean attached;
  private final Failures failures;

  /** The tracer thread that it belongs to. Set by that one, which thereby hands it over. */
  private volatile Requests shard;

  private final List<Task> tasks = new CopyOnWriteArrayList<>();
  private final TraceeEnd end;
  private final MemoryReach reach;
  private final TraceeMemory memory;
  private volatile @Nullable LaunchedProcess process;

  /** Of the address space that the process is in now. Tracer thread. */
  private AddressSpace addressSpace;

  private final GuardedPid guarded;

  /** Set by the tracer thread. */
  private volatile Filtering filtering = Filtering.NONE;

  /** What listeners may be told of; null for all that they want. Set by the tracer thread. */
  private volatile @Nullable Told told;

  /** Completes when each task that was attached has stopped once, or has ended. */
  private final CompletableFuture<Void> joined = new CompletableFuture<>();

  /** Only the tracer thread adds to it, and to what follows. */
  private final AtomicInteger joins = new AtomicInteger();

  private final AtomicLong stops = new AtomicLong();

  private final AtomicLong nanosInStops = new AtomicLong();

  /** What it, or the process that it came of, was attached for; null for itself. */
  private volatile @Nullable SystemWide cause;

  /** Set by the tracer thread, when the process begins to be let go. */
  private boolean releasing;

  /** Set by the tracer thread. */
  private boolean handingOver;

  /**
   * A process without a traced parent.
   *
   * @param attached whether it ran before it was traced, and goes on when the tracer ends
   */
  Tracee(int pid, boolean attached, Failures failures, Requests shard) {
    this(pid, null, attached, failures, shard, new AddressSpace());
  }

  private Tracee(
      int pid,
      @Nullable Tracee parent,
      boolean attached,
      Failures failures,
      Requests shard,
      AddressSpace addressSpace) {
    this.attached = attached;
    this.addressSpace = addressSpace;
    this.pid = pid;
    guarded = new GuardedPid(pid);
    this.parent = parent;
    this.failures = failures;
    this.shard = shard;
    end = new TraceeEnd(pid, failures, shard);
    reach = new MemoryReach(pid, tasks, end);
    memory =
        new VmMemory(
            reach::liveTask,
            () -> ProgramFile.wordSize(reach.task()),
            this::transfer,
            null,
            reach::task);
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public Optional<TraceeHandle> parent() {
    return Optional.ofNullable(parent);
  }

  /** A process that this one made; a vfork child is in the same address space. */
  Tracee child(int childPid, boolean sharesMemory) {
    Tracee child =
        new Tracee(
            childPid,
            this,
            attached,
            failures,
            shard,
            sharesMemory ? addressSpace : new AddressSpace());
    child.filtering = filtering;
    child.told = told;
    child.cause = cause;
    return child;
  }

  /** The tracer thread that it belongs to, or that it is on its way to. */
  Requests shard() {
    return shard;
  }

  void shard(Requests next) {
    shard = next;
  }

  /** Whether it, or the process that it came of, ran before it was traced. */
  boolean isAttached() {
    return attached;
  }

  /** Whether it was attached as a part of a system, or came of such a process. */
  boolean isBecauseOf(SystemWide system) {
    return cause == system;
  }

  void because(@Nullable SystemWide system) {
    cause = system;
  }

  /** The ptrace options that its tasks have in addition to {@link Ptrace#OPTIONS}. */
  int traceOptions() {
    return (attached ? 0 : Ptrace.EXITKILL)
        | (filtering == Filtering.NONE ? 0 : Ptrace.TRACESECCOMP);
  }

  Filtering filtering() {
    return filtering;
  }

  void filtering(Filtering next) {
    filtering = next;
  }

  @Nullable Told told() {
    return told;
  }

  /** Whether it has been narrowed to no call at all. */
  boolean isQuiet() {
    return told != null && told.isNothing();
  }

  void told(Told next) {
    told = next;
  }

  AddressSpace addressSpace() {
    return addressSpace;
  }

  /** It has executed another program, and has its memory to itself. */
  void newAddressSpace() {
    addressSpace = new AddressSpace();
  }

  Failures failures() {
    return failures;
  }

  void add(Task task) {
    tasks.add(task);
  }

  void remove(Task task) {
    tasks.remove(task);
    if (tasks.isEmpty()) {
      joined.complete(null);
    }
  }

  /** Whether no task is left that has not stopped since it was attached. */
  boolean haveAllStopped() {
    return tasks.stream().noneMatch(task -> task.state() == TaskState.SEIZED);
  }

  /** A task that was attached has stopped for the first time, or has ended. */
  void taskJoins() {
    joins.lazySet(joins.get() + 1);
  }

  /** How many have. Any thread. */
  int joins() {
    return joins.get();
  }

  CompletableFuture<Void> joined() {
    return joined;
  }

  void beginRelease() {
    releasing = true;
  }

  boolean isReleasing() {
    return releasing;
  }

  /** It is, or is no more, to be handed over to another thread. */
  void handingOver(boolean now) {
    handingOver = now;
  }

  boolean isHandingOver() {
    return handingOver;
  }

  /** Whether its tasks are to be stopped in a place where they can be let go, or handed over. */
  boolean isLeaving() {
    return releasing || handingOver;
  }

  /** Its last task was let go. */
  void released() {
    // Of what this tracer has launched the end will be known all the same: it is this JVM's child.
    if (process == null) {
      end.letGo();
      reaped();
    }
    end.untraced();
  }

  IllegalTraceeStateException detached() {
    return end.detached();
  }

  @Override
  public boolean isTraced() {
    return end.isTraced();
  }

  @Override
  public void detach() throws InterruptedException {
    if (beginDetach()) {
      end.awaitUntraced(null);
    }
  }

  @Override
  public boolean detach(Duration timeout) throws InterruptedException {
    Objects.requireNonNull(timeout, "timeout");
    return beginDetach() && end.awaitUntraced(timeout);
  }

  /**
   * Waits until it is not traced, but not longer than told. Not for callbacks.
   *
   * @return false when the time ran out
   */
  boolean awaitUntraced(Duration timeout) {
    return end.waitUntraced(timeout);
  }

  /** Begins to let it go; it was attached. */
  void letGo() {
    shard.request(
        this,
        stops -> {
          stops.release(this);
          return this;
        });
  }

  /** False in a callback, where it is carried out later. */
  private boolean beginDetach() {
    if (!isTraced()) {
      return true;
    }
    if (filtering != Filtering.NONE) {
      throw new IllegalTraceeStateException(
          this
              + " cannot be detached: it has a seccomp filter for the listeners' interests, which"
              + " cannot be removed and would fail its calls with ENOSYS when nobody traces it."
              + " Build the tracer with seccomp(SeccompMode.OFF) to detach what it launches");
    }
    try {
      letGo();
    } catch (TracerClosedException e) {
      // Being closed, it lets go of what was attached and ends what was launched.
      return true;
    }
    return !shard.isCurrent();
  }

  @Nullable Tracee parentProcess() {
    return parent;
  }

  /** How often its tasks have stopped, or were resumed; about, and fewer when one has ended. */
  int stops() {
    int stops = 0;
    for (Task task : tasks) {
      stops += task.history.count();
    }
    return stops;
  }

  List<Task> taskList() {
    return tasks;
  }

  List<Task> tasksBut(Task one) {
    return tasks.stream().filter(task -> task != one).toList();
  }

  boolean hasTasks() {
    return !tasks.isEmpty();
  }

  @Override
  public List<TraceeTask> tasks() {
    return List.copyOf(tasks);
  }

  @Override
  public TraceeMemory memory() {
    return memory;
  }

  private VmTransfer transfer() {
    Requests owner = shard;
    return owner.isCurrent() ? owner.request(this, Stops::transfer) : TRANSFERS.get();
  }

  /** The ways to its memory. */
  MemoryReach reach() {
    return reach;
  }

  @Override
  public void narrow(Interest interest) {
    Objects.requireNonNull(interest, "interest");
    end.throwIfDetached();
    shard.request(
        this,
        stops -> {
          stops.narrow(this, interest);
          return this;
        });
  }

  @Override
  public long syscall(String name, long... args) {
    Objects.requireNonNull(args, "args");
    end.throwIfDetached();
    return shard.request(this, stops -> stops.syscall(this, name, args));
  }

  @Override
  public Breakpoint setBreakpoint(long address, Consumer<? super CodeStop> onHit) {
    Objects.requireNonNull(onHit, "onHit");
    end.throwIfDetached();
    return shard.request(this, stops -> stops.setBreakpoint(this, address, onHit));
  }

  void removeBreakpoint(SetBreakpoint breakpoint) {
    if (end.isDetached()) {
      // It was removed then.
      return;
    }
    shard.request(
        this,
        stops -> {
          stops.removeBreakpoint(breakpoint);
          return breakpoint;
        });
  }

  /** A task has gone on from a stop. */
  void goesOnAfter(long nanos) {
    stops.lazySet(stops.get() + 1);
    nanosInStops.lazySet(nanosInStops.get() + nanos);
  }

  @Override
  public StopTime stopTime() {
    return new StopTime(stops.get(), Duration.ofNanos(nanosInStops.get()));
  }

  @Override
  public boolean isAlive() {
    return end.isAlive();
  }

  @Override
  public void kill() {
    send(Signal.SIGKILL);
  }

  void killIfAllowed() {
    guarded.killIfAllowed();
  }

  /** What was attached goes on. */
  void killIfLaunched() {
    if (!attached) {
      killIfAllowed();
    }
  }

  @Override
  public void signal(Signal signal) {
    if (!send(signal)) {
      throw new TraceeDiedException(
          "Process " + pid + " has ended and cannot get " + signal.name());
    }
  }

  private boolean send(Signal signal) {
    return send(signal, this, () -> Native.kill(pid, signal.number()));
  }

  /**
   * Sends a signal to the process or to one of its tasks.
   *
   * @param call does it, and gives 0 or minus the errno
   * @return false when the receiver has ended
   */
  boolean send(Signal signal, Object receiver, IntSupplier call) {
    int result = guarded.send(call);
    if (result == -ESRCH && end.isLetGo()) {
      throw detached();
    }
    if (result < 0 && result != -ESRCH) {
      throw new TraceException(
          "Sending " + signal.name() + " to " + receiver + " failed with errno " + -result);
    }
    return result == 0;
  }

  /** wait4 has told of the leader's end. */
  void reaped() {
    guarded.reaped();
  }

  /** Reaps it: no signal is sent meanwhile. */
  int reap(IntSupplier wait) {
    return guarded.reap(wait);
  }

  /** Its leader has ended: the listeners may ask how. */
  void status(ExitStatus ended) {
    end.status(ended);
  }

  /** Ends it for those who wait, when the listeners have been told. */
  void ended(ExitStatus ended) {
    end.ended(ended);
  }

  /** The tracer's thread failed and nobody will tell how it ended. */
  void lost(TraceException why) {
    reaped();
    end.lost(why);
  }

  @Override
  public int waitFor() throws InterruptedException {
    end.awaitExit(null);
    return exitStatus().exitValue();
  }

  @Override
  public boolean waitFor(Duration timeout) throws InterruptedException {
    return end.awaitExit(Objects.requireNonNull(timeout, "timeout"));
  }

  @Override
  public ExitStatus exitStatus() {
    return end.exitStatus();
  }

  @Override
  public CompletableFuture<ExitStatus> onExit() {
    return end.onExit();
  }

  void process(LaunchedProcess launched) {
    process = launched;
  }

  /** Null for one that was attached or forked. */
  @Nullable LaunchedProcess launched() {
    return process;
  }

  @Override
  public Process process() {
    Process launched = process;
    if (launched == null) {
      throw new IllegalTraceeStateException(
          "Process "
              + pid
              + " was not launched by this tracer but attached, or forked by a tracee: its streams"
              + " are not ours");
    }
    return launched;
  }

  @Override
  public String toString() {
    return "process " + pid + (isAlive() ? "" : " (ended)");
  }
}
