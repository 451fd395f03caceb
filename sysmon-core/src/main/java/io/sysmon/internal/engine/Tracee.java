package io.sysmon.internal.engine;

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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
  private final Thread tracerThread;
  private final List<Task> tasks = new CopyOnWriteArrayList<>();
  private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
  private final TraceeMemory memory = new VmMemory(this::aLiveTask, TRANSFERS::get);
  private volatile @Nullable Process process;

  /** Guards the pid against reuse: signals are sent, and the process is reaped, under it. */
  private final Object reaping = new Object();

  private boolean reaped;

  Tracee(int pid, @Nullable Tracee parent, Failures failures, Thread tracerThread) {
    this.pid = pid;
    this.parent = parent;
    this.failures = failures;
    this.tracerThread = tracerThread;
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public Optional<TraceeHandle> parent() {
    return Optional.ofNullable(parent);
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

  /** A leader that has ended before its threads has no memory any more; any live task does. */
  private int aLiveTask() {
    for (Task task : tasks) {
      if (task.isAlive()) {
        return task.tid();
      }
    }
    throw new TraceeDiedException("Process " + pid + " has ended; its memory is gone");
  }

  @Override
  public boolean isAlive() {
    return !exit.isDone();
  }

  @Override
  public void kill() {
    send(Signal.SIGKILL);
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

  /** Ends it for those who wait. */
  void ended(ExitStatus status) {
    exit.complete(status);
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
    if (Thread.currentThread() == tracerThread) {
      throw new IllegalTraceeStateException(
          what + " in a callback would wait forever: the tracer's thread would wait for itself");
    }
  }

  private static TraceException lostBecause(Exception e) {
    return new TraceException("The tracer lost the process", e.getCause());
  }

  @Override
  public ExitStatus exitStatus() {
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
