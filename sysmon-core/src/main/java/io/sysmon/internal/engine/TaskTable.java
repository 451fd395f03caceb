package io.sysmon.internal.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tasks by thread id: an open-addressed table with linear probing, so that finding the task of a
 * stop neither boxes the id nor allocates.
 */
final class TaskTable {
  private static final int INITIAL_CAPACITY = 64;

  private @Nullable Task[] slots = new Task[INITIAL_CAPACITY];
  private int size;

  @Nullable Task get(int tid) {
    int mask = slots.length - 1;
    for (int i = home(tid, mask); ; i = (i + 1) & mask) {
      Task task = slots[i];
      if (task == null || task.tid() == tid) {
        return task;
      }
    }
  }

  /** Adds a task whose id is not in the table. */
  void add(Task task) {
    if (2 * (size + 1) > slots.length) {
      grow();
    }
    int mask = slots.length - 1;
    int i = home(task.tid(), mask);
    while (slots[i] != null) {
      if (slots[i].tid() == task.tid()) {
        throw new IllegalStateException("Task " + task.tid() + " is in the table already");
      }
      i = (i + 1) & mask;
    }
    slots[i] = task;
    size++;
  }

  @Nullable Task remove(int tid) {
    int mask = slots.length - 1;
    int i = home(tid, mask);
    while (true) {
      Task task = slots[i];
      if (task == null) {
        return null;
      }
      if (task.tid() == tid) {
        closeGap(i, mask);
        size--;
        return task;
      }
      i = (i + 1) & mask;
    }
  }

  /** Moves back those that probing would no longer reach across the empty slot. */
  private void closeGap(int gap, int mask) {
    int empty = gap;
    for (int i = (gap + 1) & mask; ; i = (i + 1) & mask) {
      Task task = slots[i];
      if (task == null) {
        slots[empty] = null;
        return;
      }
      int distanceFromHome = (i - home(task.tid(), mask)) & mask;
      int distanceFromEmpty = (i - empty) & mask;
      if (distanceFromHome >= distanceFromEmpty) {
        slots[empty] = task;
        empty = i;
      }
    }
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** How many slots there are, to look at each without allocating. */
  int slots() {
    return slots.length;
  }

  /** The task in a slot, or null. */
  @Nullable Task inSlot(int slot) {
    return slots[slot];
  }

  /** All tasks, in no order. */
  List<Task> all() {
    List<Task> all = new ArrayList<>(size);
    for (Task task : slots) {
      if (task != null) {
        all.add(task);
      }
    }
    return all;
  }

  private void grow() {
    List<Task> all = all();
    slots = new Task[slots.length * 2];
    size = 0;
    all.forEach(this::add);
  }

  /** Ids come in runs; consecutive slots serve them well. */
  private static int home(int tid, int mask) {
    return tid & mask;
  }
}
