package io.sysmon.internal.engine;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Placement;
import io.sysmon.SyscallEnter;
import io.sysmon.TraceException;
import io.sysmon.internal.engine.CommandQueue.Posted;
import io.sysmon.internal.launch.Command;
import io.sysmon.internal.launch.StandardStreams;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that owns a set of tracees: ptrace accepts requests only from the thread that
 * attached. Others reach it by {@link Requests}; what it does is its {@link EventLoop}.
 */
final class TracerThread implements HoldDesk, Requests {
  private static final System.Logger LOG = System.getLogger("io.sysmon.engine");
  private static final long END_MILLIS = 10_000;
  private static final long REAP_NANOS = 1_000_000_000;
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Architecture architecture;
  private final Placement placement;
  private final Shards shards;
  private final LiveTracees live;
  private final Listeners listeners;
  private final LaunchFilter filter;
  private final Thread thread;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  private final CommandQueue commands = new CommandQueue();
  private final Heartbeat heartbeat = new Heartbeat(this, commands);

  /** Set and used by the tracer thread; others read from it what may be read by any. */
  private volatile @Nullable Stops stops;

  /** The kernel's id of the thread; 0 before it runs. */
  private volatile int tid;

  private boolean closing;
  private volatile boolean givingUp;
  private volatile @Nullable Doorbell doorbell;

  private volatile int busyPercent;

  TracerThread(
      Architecture architecture,
      Listeners listeners,
      LaunchFilter filter,
      Placement placement,
      Shards shards) {
    this.architecture = architecture;
    this.listeners = listeners;
    this.filter = filter;
    this.placement = placement;
    this.shards = shards;
    live = shards.live();
    thread = new Thread(this::run, "sysmon-tracer-" + COUNT.incrementAndGet());
    thread.setDaemon(true);
  }

  /**
   * Starts the thread and waits until it can trace.
   *
   * @throws TraceException why it cannot
   */
  void start() {
    thread.start();
    try {
      Waiting.get(ready);
    } catch (ExecutionException e) {
      Waiting.join(thread, END_MILLIS);
      throw failure(e.getCause());
    }
  }

  @Override
  public boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /** Whether it is taking up events, or in a callback. */
  boolean isBusy() {
    return heartbeat.busySince() != 0;
  }

  /** Which share of its time it was busy, when that was last looked at. */
  int busyPercent() {
    return busyPercent;
  }

  void busyPercent(int now) {
    busyPercent = now;
  }

  /** The id that {@code TracerPid} of its tracees shows. */
  int tid() {
    return tid;
  }

  /** About how many tasks it traces. */
  int load() {
    Stops tracees = stops;
    return tracees == null ? 0 : tracees.lives().table().size();
  }

  @Override
  public boolean isInCallback() {
    return shards.current() != null;
  }

  /** Posts a launch. The future completes with the tracee once its execve has succeeded. */
  CompletableFuture<Tracee> launch(Command command, StandardStreams streams) {
    CompletableFuture<Tracee> started = new CompletableFuture<>();
    post(
        new Posted(
            tracees -> tracees.launches().begin(command, streams, started),
            why -> {
              streams.abandon();
              started.completeExceptionally(why);
            }));
    return started;
  }

  /** Throws why this thread has failed, if it has. */
  void throwIfLost() {
    commands.throwIfLost();
  }

  private void post(Posted command) {
    commands.add(command);
    ring();
  }

  @Override
  public boolean isClosing() {
    return !commands.isAccepting();
  }

  /** Has it do something and waits for the result. */
  <T> T request(Function<Stops, T> work) {
    return request(null, work);
  }

  @Override
  public <T> T request(@Nullable Tracee process, Function<Stops, T> work) {
    if (isCurrent()) {
      return work.apply(Objects.requireNonNull(stops));
    }
    if (isInCallback()) {
      throw new IllegalTraceeStateException(
          "This is a callback about a process of another of the tracer's threads, and the two could"
              + " wait for one another; do it on a thread of your own");
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    post(to(process, tracees -> complete(result, tracees, work), result::completeExceptionally));
    try {
      return Waiting.get(result);
    } catch (ExecutionException e) {
      throw requestFailure(e.getCause());
    }
  }

  private static <T> void complete(
      CompletableFuture<T> result, Stops tracees, Function<Stops, T> work) {
    try {
      result.complete(work.apply(tracees));
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
    }
  }

  /** A command that goes after a process when that was handed over to another thread. */
  private Posted to(
      @Nullable Tracee process, Consumer<Stops> work, Consumer<TraceException> refuse) {
    return new Posted(
        tracees -> {
          if (process == null || process.shard() == this) {
            work.accept(tracees);
            return;
          }
          try {
            TracerThread owner = (TracerThread) process.shard();
            owner.post(owner.to(process, work, refuse));
          } catch (TraceException e) {
            refuse.accept(e);
          }
        },
        refuse);
  }

  @Override
  public void later(Tracee process, long nanos, Consumer<Stops> work) {
    CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, Runnable::run)
        .execute(() -> offer(to(process, work, why -> {})));
  }

  @Override
  public boolean offer(Consumer<Stops> work, Runnable refused) {
    return offer(new Posted(work, why -> refused.run()));
  }

  private boolean offer(Posted command) {
    boolean taken = commands.offer(command);
    if (taken) {
      ring();
    }
    return taken;
  }

  @Override
  public void answer(Hold hold, Consumer<? super SyscallEnter> rewrite) {
    commands.addAnswer(Posted.of(tracees -> tracees.answer(hold, rewrite)));
    ring();
  }

  @Override
  public void waitFor(Hold hold, Duration timeout) {
    // The JDK's own timer: no thread of ours, and an answer takes it back.
    CompletableFuture<Void> clock =
        new CompletableFuture<Void>()
            .completeOnTimeout(null, TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
    var unused = clock.thenRun(hold::timeOut);
    hold.clock(clock);
  }

  @Override
  public void ring() {
    Doorbell bell = doorbell;
    if (bell != null) {
      bell.ring();
    }
  }

  /**
   * Ends the tracees and the thread. Waits for both as long as a callback runs, but not forever for
   * a task that won't die.
   */
  void close() {
    beginClosing();
    if (Waiting.join(thread, END_MILLIS)) {
      return;
    }
    StackTraceElement callback = runningCallback();
    if (callback != null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "A callback has not returned, {0}; the tracer ends when it does",
          callback);
      return;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "Some tracees do not die, as it happens in uninterruptible sleep: {0}",
        live.of(this));
    givingUp = true;
    ring();
    Waiting.join(thread, END_MILLIS);
  }

  /** The same without waiting. */
  void beginClosing() {
    commands.addLast(Posted.of(this::beginClosing));
    // A callback may hold the tracer's thread; its own command kills what appears from now on.
    live.all().forEach(Tracee::killIfLaunched);
    ring();
  }

  /** Where the listener is that the tracer thread has called, or null when it has called none. */
  @Nullable StackTraceElement runningCallback() {
    StackTraceElement above = null;
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().equals(Listeners.class.getName())) {
        return above;
      }
      above = frame;
    }
    return null;
  }

  private void beginClosing(Stops tracees) {
    closing = true;
    tracees.lives().close();
  }

  private void run() {
    Stops tracees = null;
    Ptrace ptrace = null;
    try {
      tid = Native.libc().gettid();
      ptrace = new Ptrace();
      Doorbell bell = new Doorbell(ptrace, architecture);
      bell.install();
      doorbell = bell;
      try {
        tracees =
            new Stops(thread, ptrace, architecture, listeners, filter, live, this, this, placement);
        stops = tracees;
        ready.complete(null);
        heartbeat.start();
        new EventLoop(ptrace, bell, tracees, commands, heartbeat, this::ring).run(this::isAtEnd);
      } finally {
        commands.end();
        if (tracees != null) {
          tracees.placer().releaseAll();
        }
        bell.remove();
      }
      if (givingUp) {
        tracees
            .lives()
            .lost(new TraceException("The tracer was closed and could not end the process"));
      }
    } catch (Throwable e) {
      if (ptrace != null) {
        live.of(this).forEach(Tracee::killIfLaunched);
        reap(ptrace);
      }
      failed(e, tracees);
    }
  }

  private boolean isAtEnd() {
    return givingUp || (closing && Objects.requireNonNull(stops).lives().isIdle());
  }

  /** Leaves no zombies of ours: nobody else is there to reap them. Not for long. */
  private static void reap(Ptrace ptrace) {
    long deadline = System.nanoTime() + REAP_NANOS;
    int tid = ptrace.waitAny(false);
    while (tid >= 0 && System.nanoTime() < deadline) {
      if (tid == 0) {
        Thread.onSpinWait();
      }
      tid = ptrace.waitAny(false);
    }
  }

  boolean isAlive() {
    return thread.isAlive();
  }

  /** Any thread. */
  void replaceDoorbell() {
    Doorbell bell = doorbell;
    if (bell != null) {
      bell.breakOff();
    }
  }

  /** {@code Tracer.diagnose}. Any thread. */
  void diagnose(Diagnosis diagnosis, List<Tracee> processes) {
    diagnosis.thread(thread, heartbeat.busySince(), load(), busyPercent);
    diagnosis.tasks(processes);
    Stops tracees = stops;
    if (tracees != null) {
      diagnosis.reports(tracees.watch().reports());
    }
  }

  /** Leaves nobody waiting. The kernel kills the tracees when this thread is gone. */
  private void failed(Throwable e, @Nullable Stops tracees) {
    TraceException why = failure(e);
    boolean begun = !ready.completeExceptionally(why);
    commands.fail(why);
    if (tracees != null) {
      tracees.lives().lost(why);
    }
    if (begun) {
      // Last: a logger may throw.
      LOG.log(System.Logger.Level.ERROR, "The tracer's thread failed; its tracees are killed", e);
    }
  }

  private static RuntimeException requestFailure(@Nullable Throwable e) {
    return e instanceof IllegalArgumentException refused ? refused : failure(e);
  }

  private static TraceException failure(@Nullable Throwable e) {
    return e instanceof TraceException known
        ? known
        : new TraceException("The tracer's thread failed", e);
  }

  @Override
  public String toString() {
    return thread.getName();
  }
}
