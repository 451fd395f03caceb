package io.sysmon.internal.engine;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.NoSuchProcessException;
import io.sysmon.ProcessInfo;
import io.sysmon.SystemTrace;
import io.sysmon.TraceException;
import io.sysmon.TracerClosedException;
import io.sysmon.internal.sys.ProcessEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Attaches what a predicate admits, and looks for more on a thread of its own. Tracer threads are
 * asked for one process at a time, so that their tracees do not wait for the others.
 */
final class SystemWide implements SystemTrace, ProcessEvents.Receiver {
  private static final System.Logger LOG = System.getLogger("io.sysmon.engine");
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long END_MILLIS = 10_000;
  private static final AtomicInteger COUNT = new AtomicInteger();

  /**
   * A process that is not traced.
   *
   * @param reason why it was refused; null when it was left out
   */
  private record Untraced(ProcessInfo process, @Nullable String reason) {}

  private final Shards shards;
  private final Predicate<? super ProcessInfo> which;
  private final Consumer<SystemWide> onClose;
  private final Finder finder = Finder.begin();
  private final Map<Integer, Untraced> untraced = new ConcurrentHashMap<>();
  private final AtomicLong attached = new AtomicLong();
  private final AtomicLong letGo = new AtomicLong();
  private final AtomicLong overflows = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;

  SystemWide(Shards shards, Predicate<? super ProcessInfo> which, Consumer<SystemWide> onClose) {
    this.shards = shards;
    this.which = which;
    this.onClose = onClose;
    thread = new Thread(this::look, "sysmon-finder-" + COUNT.incrementAndGet());
    thread.setDaemon(true);
  }

  /** Attaches what is there, and begins to look for more. */
  void start() {
    try {
      attachThoseOfNow();
    } catch (RuntimeException e) {
      finder.close();
      closed = true;
      onClose.accept(this);
      letAllGo();
      throw e;
    }
    thread.start();
  }

  /** On as many threads as there are CPUs. */
  private void attachThoseOfNow() {
    Queue<Integer> pids = new ConcurrentLinkedQueue<>(ProcScan.processes());
    Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
    Runnable work =
        () -> {
          try {
            for (Integer pid = pids.poll(); pid != null; pid = pids.poll()) {
              consider(pid);
            }
          } catch (RuntimeException e) {
            failures.add(e);
          }
        };
    List<Thread> helpers =
        Stream.generate(() -> new Thread(work, "sysmon-attach"))
            .limit(Runtime.getRuntime().availableProcessors() - 1)
            .toList();
    helpers.forEach(Thread::start);
    work.run();
    helpers.forEach(helper -> Waiting.join(helper, Long.MAX_VALUE / 2_000_000));
    RuntimeException failure = failures.poll();
    if (failure != null) {
      throw failure;
    }
  }

  private void look() {
    try {
      while (!closed) {
        finder.await(this);
      }
    } catch (TracerClosedException e) {
      // There is nobody who would trace what is found.
      return;
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "No further processes are found", e);
    } finally {
      finder.close();
    }
  }

  @Override
  public void forked(int pid) {
    consider(pid);
  }

  @Override
  public void executed(int pid) {
    Optional<Tracee> tracee = tracee(pid);
    if (tracee.isEmpty()) {
      consider(pid);
    } else if (tracee.get().isBecauseOf(this)) {
      ProcessInfo.of(pid)
          .filter(process -> admission(process) != null)
          .ifPresent(process -> letGo(tracee.get(), process));
    }
  }

  @Override
  public void exited(int pid) {
    untraced.remove(pid);
  }

  @Override
  public void overflowed() {
    overflows.incrementAndGet();
    List<Integer> now = ProcScan.processes();
    untraced.keySet().retainAll(now);
    now.forEach(this::executed);
  }

  private Optional<Tracee> tracee(int pid) {
    return Optional.ofNullable(shards.live().get(pid));
  }

  private void consider(int pid) {
    if (closed || shards.live().contains(pid)) {
      return;
    }
    ProcessInfo process = ProcessInfo.of(pid).orElse(null);
    if (process == null || process.isZombie() || isOutOfTheQuestion(process)) {
      return;
    }
    Untraced reason = admission(process);
    if (reason == null) {
      reason = attach(process);
    }
    if (reason == null) {
      untraced.remove(pid);
    } else {
      untraced.put(pid, reason);
    }
  }

  /** The JVM's children are the tracer's own, or the JDK would take their stops for their end. */
  private static boolean isOutOfTheQuestion(ProcessInfo process) {
    int self = (int) ProcessHandle.current().pid();
    return process.isKernelThread() || process.pid() == self || process.parentPid() == self;
  }

  /** Null when the process is to be traced. */
  private @Nullable Untraced admission(ProcessInfo process) {
    try {
      return which.test(process) ? null : new Untraced(process, null);
    } catch (RuntimeException | Error e) {
      return new Untraced(process, "The predicate threw " + e);
    }
  }

  /** Null when it is traced, or has ended. */
  private @Nullable Untraced attach(ProcessInfo process) {
    int pid = process.pid();
    if (isTracedHere(pid)) {
      return null;
    }
    try {
      seize(pid);
      return null;
    } catch (NoSuchProcessException e) {
      return null;
    } catch (TracerClosedException e) {
      throw e;
    } catch (TraceException e) {
      // Its parent, which is traced, has just made it.
      return isTracedHere(pid) ? null : new Untraced(process, e.getMessage());
    }
  }

  private void seize(int pid) {
    // Counted before it is: who sees that it is traced is to find it counted.
    attached.incrementAndGet();
    try {
      shards.forNewProcess().request(stops -> stops.attach(pid, this));
    } catch (RuntimeException e) {
      attached.decrementAndGet();
      throw e;
    }
  }

  /** Also when its tracer thread has not been told of it yet. */
  private boolean isTracedHere(int pid) {
    int tracer = ProcStatus.tracer(pid);
    return tracer != 0 && shards.all().stream().anyMatch(shard -> shard.tid() == tracer);
  }

  private void letGo(Tracee tracee, ProcessInfo process) {
    // Before it is: who sees that it is not traced any more is to find it counted.
    letGo.incrementAndGet();
    untraced.put(process.pid(), new Untraced(process, null));
    release(List.of(tracee));
  }

  private static void release(List<Tracee> tracees) {
    try {
      tracees.forEach(Tracee::letGo);
    } catch (TraceException e) {
      // The tracer is being closed, or has failed: both let go of what was attached.
      return;
    }
  }

  @Override
  public SystemTrace.Discovery discovery() {
    return finder.kind();
  }

  @Override
  public Counts counts() {
    List<Tracee> traced = traced();
    int refused = refused().size();
    return new Counts(
        traced.size(),
        traced.stream().mapToInt(tracee -> tracee.taskList().size()).sum(),
        untraced.size() - refused,
        refused,
        attached.get(),
        letGo.get(),
        overflows.get());
  }

  private List<Tracee> traced() {
    return shards.live().all().stream()
        .filter(tracee -> tracee.isBecauseOf(this) && tracee.isTraced())
        .toList();
  }

  @Override
  public List<Refusal> refused() {
    List<Refusal> refused = new ArrayList<>();
    untraced.values().stream()
        .filter(each -> each.reason != null)
        .forEach(each -> refused.add(new Refusal(each.process, each.reason)));
    return refused;
  }

  /** Finds no more. Any thread but a callback's. */
  void stopLooking() {
    closed = true;
    Waiting.join(thread, END_MILLIS);
  }

  @Override
  public void close() {
    if (shards.current() != null) {
      throw new IllegalTraceeStateException(
          "A callback cannot wait until all are let go; do it on another thread");
    }
    if (!closed) {
      stopLooking();
      onClose.accept(this);
      letAllGo();
    }
  }

  /** Until none is left: those that are let go make others meanwhile. */
  private void letAllGo() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<Tracee> left = traced();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      release(left);
      for (Tracee tracee : left) {
        tracee.awaitUntraced(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
      }
      left = traced();
    }
  }
}
