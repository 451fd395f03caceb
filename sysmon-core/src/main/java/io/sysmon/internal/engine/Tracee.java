package io.sysmon.internal.engine;

import io.sysmon.Breakpoint;
import io.sysmon.CodeStop;
import io.sysmon.ExitStatus;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Signal;
import io.sysmon.TraceException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeMemory;
import io.sysmon.TraceeTask;
import io.sysmon.internal.memory.VmMemory;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Native;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
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
  private final Failures failures;
  private final Requests requests;
  private final List<Task> tasks = new CopyOnWriteArrayList<>();
  private final ExitFuture<ExitStatus> exit;
  private volatile @Nullable ExitStatus status;
  private final TraceeMemory memory =
      new VmMemory(this::aLiveTask, () -> Long.BYTES, TRANSFERS::get, null, this::aTaskWithMemory);
  private volatile @Nullable Process process;

  /** Of the address space that the process is in now. Tracer thread. */
  private AddressSpace addressSpace;

  /** Guards the pid against reuse: signals are sent, and the process is reaped, under it. */
  private final Object reaping = new Object();

  private boolean reaped;

  Tracee(int pid, @Nullable Tracee parent, Failures failures, Requests requests) {
    this(pid, parent, failures, requests, new AddressSpace());
  }

  private Tracee(
      int pid,
      @Nullable Tracee parent,
      Failures failures,
      Requests requests,
      AddressSpace addressSpace) {
    this.addressSpace = addressSpace;
    this.pid = pid;
    this.parent = parent;
    this.failures = failures;
    this.requests = requests;
    exit = new ExitFuture<>(requests);
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
    return new Tracee(
        childPid, this, failures, requests, sharesMemory ? addressSpace : new AddressSpace());
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
  }

  @Nullable Tracee parentProcess() {
    return parent;
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

  private int aLiveTask() {
    for (Task task : tasks) {
      if (task.isAlive()) {
        return task.tid();
      }
    }
    throw noMemory();
  }

  /**
   * A task by which the memory can be reached. A leader that has ended before its threads has none
   * any more, nor has a thread whose end has not been reported yet.
   */
  int aTaskWithMemory() {
    for (Task task : tasks) {
      if (task.isAlive() && ProcStatus.hasMemory(task.tid())) {
        return task.tid();
      }
    }
    throw noMemory();
  }

  private TraceeDiedException noMemory() {
    return new TraceeDiedException("Process " + pid + " has ended; its memory is gone");
  }

  @Override
  public long syscall(String name, long... args) {
    Objects.requireNonNull(args, "args");
    return requests.request(stops -> stops.syscall(this, name, args));
  }

  @Override
  public Breakpoint setBreakpoint(long address, Consumer<? super CodeStop> onHit) {
    Objects.requireNonNull(onHit, "onHit");
    return requests.request(stops -> stops.setBreakpoint(this, address, onHit));
  }

  void removeBreakpoint(SetBreakpoint breakpoint) {
    requests.request(
        stops -> {
          stops.removeBreakpoint(this, breakpoint);
          return breakpoint;
        });
  }

  @Override
  public boolean isAlive() {
    return status == null && !exit.isDone();
  }

  @Override
  public void kill() {
    send(Signal.SIGKILL);
  }

  /**
   * Kills it, if this process may: it may trace a set-user-ID program without that. The kernel ends
   * such a one with the tracer's thread ({@code PTRACE_O_EXITKILL}).
   */
  void killIfAllowed() {
    synchronized (reaping) {
      if (!reaped) {
        Native.kill(pid, Signal.SIGKILL.number());
      }
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
    synchronized (reaping) {
      if (reaped) {
        return false;
      }
      int result = Native.kill(pid, signal.number());
      if (result < 0 && result != -ESRCH) {
        throw new TraceException(
            "Sending " + signal.name() + " to process " + pid + " failed with errno " + -result);
      }
      return result == 0;
    }
  }

  /**
   * Called right after wait4 has told of the leader's end: for a child of ours the pid is free now.
   * A signal sent in the instants between goes to whoever got the number; the kernel hands numbers
   * out in turn, so that this needs the whole range to be used up meanwhile.
   */
  void reaped() {
    synchronized (reaping) {
      reaped = true;
    }
  }

  /** Its leader has ended: the listeners may ask how. */
  void status(ExitStatus ended) {
    status = ended;
  }

  /** Ends it for those who wait, when the listeners have been told. */
  void ended(ExitStatus ended) {
    exit.complete(ended);
  }

  /** The tracer's thread failed and nobody will tell how it ended. */
  void lost(TraceException why) {
    reaped();
    exit.completeExceptionally(why);
  }

  @Override
  public int waitFor() throws InterruptedException {
    refuseOnTracerThread("waitFor");
    try {
      exit.get();
    } catch (ExecutionException e) {
      throw lostBecause(e);
    }
    failures.throwIfAny();
    return exitStatus().exitValue();
  }

  @Override
  public boolean waitFor(Duration timeout) throws InterruptedException {
    refuseOnTracerThread("waitFor");
    try {
      exit.get(Math.max(0, TimeUnit.NANOSECONDS.convert(timeout)), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw lostBecause(e);
    }
    failures.throwIfAny();
    return true;
  }

  private void refuseOnTracerThread(String what) {
    if (requests.isCurrent()) {
      throw new IllegalTraceeStateException(
          what + " in a callback would wait forever: the tracer's thread would wait for itself");
    }
  }

  private static TraceException lostBecause(Exception e) {
    return new TraceException("The tracer lost the process", e.getCause());
  }

  @Override
  public ExitStatus exitStatus() {
    ExitStatus ended = status;
    if (ended != null) {
      return ended;
    }
    if (!exit.isDone()) {
      throw new IllegalTraceeStateException(
          "Process " + pid + " has not ended; wait for it with waitFor() or onExit()");
    }
    try {
      return exit.join();
    } catch (CompletionException e) {
      throw lostBecause(e);
    }
  }

  @Override
  public CompletableFuture<ExitStatus> onExit() {
    return exit.copy();
  }

  void process(Process launched) {
    process = launched;
  }

  @Override
  public Process process() {
    Process launched = process;
    if (launched == null) {
      throw new IllegalTraceeStateException(
          "Process "
              + pid
              + " was not launched by this tracer but forked by a tracee: its streams are not ours");
    }
    return launched;
  }

  @Override
  public String toString() {
    return "process " + pid + (isAlive() ? "" : " (ended)");
  }
}
