package io.sysmon.internal.engine;

import io.sysmon.Placement;
import io.sysmon.internal.sys.CpuMask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts tasks that stop often on the CPU of the tracer's thread, {@link Placement#AUTO}. Tracer
 * thread.
 *
 * <p>The tracer's thread has to be bound, too: when it is woken, the scheduler prefers an idle CPU
 * to the one on which its tracee is just going to sleep (kernel/sched/fair.c
 * select_idle_sibling()).
 */
final class Placer {
  /** Stops between two looks at the clock. */
  private static final int WINDOW = 64;

  /** 8,000 stops a second. On two CPUs a stop takes 25 to 60 µs, on one about 7. */
  private static final long HOT_NANOS = WINDOW * 125_000L;

  /** 2,000 stops a second. */
  private static final long COOL_NANOS = WINDOW * 500_000L;

  /** A task that does not become faster by a quarter is let go again. */
  private static final double LEAST_GAIN = 1.25;

  private static final int TRIAL = 2;
  private static final long FIRST_BACKOFF_NANOS = 50_000_000;
  private static final long LONGEST_BACKOFF_NANOS = 30_000_000_000L;
  private static final Executor TIMER =
      CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS, Runnable::run);

  /** A task that runs as long as this without a stop computes, and wants a CPU. */
  private static final long COMPUTING_NANOS = 3_000_000;

  /** A task that has been waiting in a call for as long as this needs no place. */
  private static final long QUIET_NANOS = 100_000_000;

  /** Looks between two at the JVM's threads. */
  private static final int MEND_EVERY = 10;

  /** How long nobody is placed after a call that might see it, of a task that is not in it then. */
  private static final long ASKED_NANOS = 20_000_000;

  private static final byte ASKS = 1;
  private static final byte COPIES = 2;
  private static final Map<String, Byte> ROLES =
      Map.of(
          "sched_getaffinity", ASKS,
          "sched_setaffinity", ASKS,
          "clone", COPIES,
          "clone3", COPIES,
          "fork", COPIES,
          "vfork", COPIES);

  /** How many tracers' threads are bound to a CPU, of this JVM. */
  private static final AtomicIntegerArray BOUND = new AtomicIntegerArray(CpuMask.MOST);

  private final boolean isOn;
  private final Runnable doorbell;

  /** What a call has to do with masks. */
  private final MarkedCalls roles;

  private final List<Task> placed = new ArrayList<>();
  private volatile @Nullable Binding binding;
  private long notBefore = System.nanoTime();

  /** Guarded by this. */
  private boolean timed;

  private volatile boolean lookDue;
  private int ticks;

  /**
   * The tracer's thread is on one CPU.
   *
   * @param ownMask where it may run else
   * @param threads those of this JVM that were there before
   */
  private record Binding(int cpu, CpuMask ownMask, Set<Integer> threads) {}

  /**
   * Creates one.
   *
   * @param doorbell wakes the tracer's thread, which then is to ask {@link #isLookDue}
   */
  Placer(Placement placement, Listeners listeners, Runnable doorbell) {
    // Without its calls it would not be seen that a program asks.
    isOn = placement == Placement.AUTO && listeners.wantsSyscalls();
    this.doorbell = doorbell;
    roles = new MarkedCalls(listeners.abis(), ROLES);
  }

  /** A task has stopped. */
  void stopped(Task task) {
    Heat heat = task.heat;
    if (++heat.stops == WINDOW) {
      heat.stops = 0;
      long now = System.nanoTime();
      long took = now - heat.windowBegan;
      heat.windowBegan = now;
      if (heat.isPlaced()) {
        keepOrRelease(task, took, now);
      } else if (took < HOT_NANOS && isOn && now - heat.notBefore >= 0 && now - notBefore >= 0) {
        place(task, took, now);
      }
    }
  }

  private void keepOrRelease(Task task, long took, long now) {
    Heat heat = task.heat;
    if (took > COOL_NANOS) {
      release(task);
    } else if (heat.trial > 0 && --heat.trial == 0 && took * LEAST_GAIN > heat.nanosBefore) {
      heat.backoffNanos =
          Math.min(LONGEST_BACKOFF_NANOS, Math.max(FIRST_BACKOFF_NANOS, 2 * heat.backoffNanos));
      heat.notBefore = now + heat.backoffNanos;
      release(task);
    }
  }

  private void place(Task task, long took, long now) {
    Heat heat = task.heat;
    CpuMask mask = mayBePlaced(task.process()) ? CpuMask.get(task.tid()) : null;
    Binding bound = mask == null ? null : bind(mask);
    if (mask == null || bound == null || !mask.contains(bound.cpu)) {
      heat.notBefore = now + LONGEST_BACKOFF_NANOS;
      return;
    }
    if (CpuMask.of(bound.cpu).set(task.tid())) {
      heat.ownMask = mask;
      heat.nanosBefore = took;
      heat.trial = TRIAL;
      placed.add(task);
    }
  }

  /**
   * Keeps the tracer's thread on one CPU of those that a task may run on; null if there is none.
   */
  private @Nullable Binding bind(CpuMask mask) {
    Binding bound = binding;
    if (bound != null) {
      return bound;
    }
    CpuMask own = CpuMask.get(0);
    if (own == null || (own.count() == 1 && own.equals(mask))) {
      return null;
    }
    int cpu = choose(own, mask);
    if (cpu < 0 || !CpuMask.of(cpu).set(0)) {
      return null;
    }
    BOUND.incrementAndGet(cpu);
    bound = new Binding(cpu, own, threads());
    binding = bound;
    keepTime();
    return bound;
  }

  /** Where the thread is now, unless another tracer's is bound to it and not to all. */
  private static int choose(CpuMask own, CpuMask mask) {
    int chosen = -1;
    int current = CpuMask.currentCpu();
    for (int cpu : own.cpus()) {
      if (mask.contains(cpu)
          && (chosen < 0
              || BOUND.get(cpu) < BOUND.get(chosen)
              || (cpu == current && BOUND.get(cpu) == BOUND.get(chosen)))) {
        chosen = cpu;
      }
    }
    return chosen;
  }

  private void unbind() {
    Binding bound = binding;
    if (bound != null) {
      binding = null;
      bound.ownMask.set(0);
      BOUND.decrementAndGet(bound.cpu);
      mendThreads(bound);
    }
  }

  /** Threads begin with the mask of the one that started them: a callback's, with the binding. */
  private static synchronized void mendThreads(Binding bound) {
    CpuMask one = CpuMask.of(bound.cpu);
    for (int tid : threads()) {
      CpuMask mask = bound.threads.add(tid) ? CpuMask.get(tid) : null;
      if (mask != null && mask.equals(one)) {
        bound.ownMask.set(tid);
      }
    }
  }

  private static Set<Integer> threads() {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      Set<Integer> tids = new HashSet<>();
      tasks.forEach(task -> tids.add(Integer.valueOf(task.getFileName().toString())));
      return tids;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Not what would stay on one CPU if this JVM were killed, nor what could ask unseen. */
  private static boolean mayBePlaced(Tracee process) {
    boolean asksUnseen = process.isQuiet() && process.filtering() == Filtering.NONE;
    return !process.isAttached() && !asksUnseen;
  }

  /** Gives a task the mask back that its program knows. */
  void release(Task task) {
    CpuMask mask = task.heat.ownMask;
    if (mask != null) {
      mask.set(task.tid());
      forget(task);
    }
  }

  private void releaseTasks() {
    List.copyOf(placed).forEach(this::release);
  }

  /** The same of all, also of the tracer's thread: it ends, or is going to start a process. */
  void releaseAll() {
    releaseTasks();
    unbind();
  }

  /** A task has ended, or is no more one of ours. */
  void forget(Task task) {
    if (task.heat.isPlaced()) {
      task.heat.ownMask = null;
      placed.remove(task);
    }
  }

  /** A task is going to make a call. */
  void entering(Task task) {
    byte role = roles.of(task);
    if (role == 0) {
      return;
    }
    if (role == COPIES) {
      release(task);
    } else if (isOn) {
      releaseTasks();
      notBefore = System.nanoTime() + ASKED_NANOS;
    }
  }

  /** A child begins with its parent's mask, by a call whose entry was not seen. */
  void forked(Task parent, Task child) {
    child.heat.inheritedMask = parent.heat.ownMask;
  }

  /** A task's first stop. */
  void started(Task task) {
    CpuMask mask = task.heat.inheritedMask;
    if (mask != null) {
      mask.set(task.tid());
      task.heat.inheritedMask = null;
    }
  }

  private synchronized void keepTime() {
    if (!timed) {
      timed = true;
      TIMER.execute(this::tick);
    }
  }

  /** Every 10 ms while the tracer's thread is bound, on the JDK's timer thread. */
  private void tick() {
    Binding bound;
    synchronized (this) {
      bound = binding;
      timed = bound != null;
    }
    if (bound != null) {
      lookDue = true;
      doorbell.run();
      if (++ticks % MEND_EVERY == 0) {
        mendThreads(bound);
      }
      TIMER.execute(this::tick);
    }
  }

  /** Whether {@link #look} is to be called. */
  boolean isLookDue() {
    return lookDue;
  }

  /** Releases tasks that have stopped stopping, and the tracer's thread when none is left. */
  void look() {
    lookDue = false;
    if (placed.isEmpty()) {
      unbind();
    }
    long now = System.nanoTime();
    for (int i = placed.size() - 1; i >= 0; i--) {
      Task task = placed.get(i);
      long silent = now - task.history.lastNanos();
      if (silent > (task.inSyscall ? QUIET_NANOS : COMPUTING_NANOS)) {
        release(task);
      }
    }
  }
}
