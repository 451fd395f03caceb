package io.sysmon.internal.engine;

import io.sysmon.TraceeHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The processes that a tracer traces now, for any thread to list and to wait for. */
final class LiveTracees {
  private final Map<Integer, Tracee> byPid = new LinkedHashMap<>();

  private final Set<Failures> untold = ConcurrentHashMap.newKeySet();

  /** A record for one launch's failures, of which {@link #throwUntoldFailure()} will tell. */
  Failures newFailures() {
    return new Failures(untold);
  }

  synchronized void add(Tracee tracee) {
    byPid.put(tracee.pid(), tracee);
  }

  /** Throws a failure that no wait for a single process has told of, if there is one. */
  void throwUntoldFailure() {
    for (Failures failures : untold) {
      failures.throwIfAny();
    }
  }

  synchronized void remove(Tracee tracee) {
    byPid.remove(tracee.pid(), tracee);
    if (byPid.isEmpty()) {
      notifyAll();
    }
  }

  synchronized boolean contains(int pid) {
    return byPid.containsKey(pid);
  }

  synchronized @Nullable Tracee get(int pid) {
    return byPid.get(pid);
  }

  /**
   * A task by which the memory of an address space can be reached; 0 when nobody is left in it.
   * Parents come first: they wait for vfork children that may be leaving it. The tracer thread of
   * those that are in it.
   */
  synchronized int taskIn(AddressSpace space) {
    return byPid.values().stream()
        .filter(tracee -> tracee.addressSpace() == space)
        .mapToInt(tracee -> tracee.reach().findTask())
        .filter(tid -> tid != 0)
        .findFirst()
        .orElse(0);
  }

  /** Without one that has just ended, which whoever waits for it may know already. */
  synchronized List<TraceeHandle> list() {
    List<TraceeHandle> alive = new ArrayList<>(byPid.values());
    alive.removeIf(tracee -> !tracee.isAlive());
    return alive;
  }

  synchronized List<Tracee> all() {
    return new ArrayList<>(byPid.values());
  }

  /** Those that one tracer thread traces. */
  synchronized List<Tracee> of(Requests shard) {
    return byPid.values().stream().filter(tracee -> tracee.shard() == shard).toList();
  }

  /**
   * Waits until there is none.
   *
   * @param timeout null for no limit
   */
  synchronized boolean awaitNone(@Nullable Duration timeout) throws InterruptedException {
    long deadline = timeout == null ? 0 : System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout);
    while (!list().isEmpty()) {
      if (timeout == null) {
        wait();
        continue;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    return true;
  }
}
