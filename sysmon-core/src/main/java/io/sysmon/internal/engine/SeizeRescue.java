package io.sysmon.internal.engine;

import io.sysmon.internal.sys.Native;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Frees the tracer thread from a {@code PTRACE_SEIZE} that cannot go on. A thread in execve holds
 * its process's {@code cred_guard_mutex}, which {@code PTRACE_SEIZE} waits for, while it waits for
 * the end of the other threads (fs/exec.c, de_thread()); and those that were seized before are not
 * gone until their tracer has reaped them. Any thread of the tracer's process may do that.
 */
final class SeizeRescue implements AutoCloseable {
  private static final long DELAY_MILLIS = 20;
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(DELAY_MILLIS, TimeUnit.MILLISECONDS, Runnable::run);

  /** Guarded by this, as all fields. */
  private final List<Integer> seized = new ArrayList<>();

  private final Queue<int[]> reaped = new ArrayDeque<>();
  private boolean closed;

  SeizeRescue() {
    LATER.execute(this::reapZombies);
  }

  synchronized void seized(int tid) {
    seized.add(tid);
  }

  private synchronized void reapZombies() {
    if (closed) {
      return;
    }
    for (Integer tid : List.copyOf(seized)) {
      int[] status = new int[1];
      if (ProcStatus.isZombie(tid) && Native.reapTracee(tid, status)) {
        seized.remove(tid);
        reaped.add(new int[] {tid, status[0]});
      }
    }
    LATER.execute(this::reapZombies);
  }

  /** Takes ends of tasks. */
  interface Events {
    void add(int tid, int status);
  }

  /** Hands over what was reaped. */
  synchronized void drainTo(Events events) {
    for (int[] end = reaped.poll(); end != null; end = reaped.poll()) {
      events.add(end[0], end[1]);
    }
  }

  /** From now on nothing is reaped. */
  @Override
  public synchronized void close() {
    closed = true;
  }
}
