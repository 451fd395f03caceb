package io.sysmon.internal.engine;

import io.sysmon.internal.event.WaitStatus;
import java.util.Arrays;

/**
 * Events that wait4 gave, in the order of their arrival, before any of them is answered.
 *
 * <p>wait4 looks at tracees in a fixed order and reports the first that has something: were each
 * event answered before the next wait, a busy tracee at the head would starve the others.
 */
final class Batch {
  /** Stands for the task of an event that was dropped. */
  static final int DROPPED = 0;

  private static final int INITIAL_CAPACITY = 64;

  private int[] tids = new int[INITIAL_CAPACITY];
  private int[] statuses = new int[INITIAL_CAPACITY];
  private int size;

  /**
   * An open-addressed table from a task to its last event. An element is {@link #base} plus the
   * event's index plus 1; what is not above {@code base} is left from an earlier batch, and empty.
   * At most half of it is used.
   */
  private int[] lastOf = new int[2 * INITIAL_CAPACITY];

  private int base;

  void clear() {
    base += size;
    size = 0;
    if (base > Integer.MAX_VALUE / 2) {
      Arrays.fill(lastOf, 0);
      base = 0;
    }
  }

  /**
   * Adds an event. A stop of the same task that still waits for its answer is dropped: a task that
   * has stopped does nothing until it is answered, so the new event tells that the stop is over
   * (killed, or the id was taken over by a thread that called execve).
   */
  void add(int tid, int status) {
    if (size == tids.length) {
      grow();
    }
    int slot = slot(tid);
    int earlier = lastOf[slot] - base - 1;
    if (earlier >= 0 && !WaitStatus.kind(statuses[earlier]).isEnd()) {
      tids[earlier] = DROPPED;
    }
    tids[size] = tid;
    statuses[size] = status;
    size++;
    lastOf[slot] = base + size;
  }

  private int slot(int tid) {
    int mask = lastOf.length - 1;
    int slot = tid & mask;
    while (lastOf[slot] > base && tids[lastOf[slot] - base - 1] != tid) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    tids = Arrays.copyOf(tids, 2 * size);
    statuses = Arrays.copyOf(statuses, 2 * size);
    lastOf = new int[2 * tids.length];
    for (int i = 0; i < size; i++) {
      if (tids[i] != DROPPED) {
        lastOf[slot(tids[i])] = base + i + 1;
      }
    }
  }

  int size() {
    return size;
  }

  /** The task of an event, or {@link #DROPPED}. */
  int tid(int index) {
    return tids[index];
  }

  int status(int index) {
    return statuses[index];
  }
}
