package io.sysmon.internal.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the tracer has put into one address space: breakpoints, and scratch areas that were mapped
 * by injected calls for strings and buffers that do not fit in place. A vfork child shares its
 * parent's; execve begins a new one. Tracer thread.
 *
 * <p>Scratch is never the stack: the bytes below the stack pointer belong to the program too
 * (x86_64's red zone). An area belongs to a task from its first use until the task ends or executes
 * another program; then the other tasks may have it.
 */
final class AddressSpace {
  /** What one area has; more when one string needs more. */
  static final int AREA_SIZE = 1 << 16;

  /** A mapped range, and how much of it the current call uses. */
  static final class Area {
    final long address;
    final int size;
    private int used;

    Area(long address, int size) {
      this.address = address;
      this.size = size;
    }

    boolean endsBy(long highest) {
      return Long.compareUnsigned(address + size - 1, highest) <= 0;
    }
  }

  private final Deque<Area> free = new ArrayDeque<>();

  /**
   * A child's first stop may be taken up by another tracer thread than that which has the process
   * by then.
   */
  private final Map<Long, SetBreakpoint> breakpoints = new ConcurrentHashMap<>();

  private final Map<Long, SetBreakpoint> removed = new ConcurrentHashMap<>();
  private @Nullable ParkingPlace parkingPlace;
  private boolean left;

  Map<Long, SetBreakpoint> breakpoints() {
    return breakpoints;
  }

  /** Those that were, the last one of each address. */
  Map<Long, SetBreakpoint> removed() {
    return removed;
  }

  /** Whether it has, and had, no breakpoints. */
  boolean isUntouched() {
    return breakpoints.isEmpty() && removed.isEmpty();
  }

  /** Where its tasks are parked; found once. */
  ParkingPlace parkingPlace(Supplier<ParkingPlace> search) {
    ParkingPlace place = parkingPlace;
    if (place == null) {
      place = search.get();
      parkingPlace = place;
    }
    return place;
  }

  /** A task has gone on by itself from where it was parked: its handlers may return there. */
  void wasLeft() {
    left = true;
  }

  boolean isLeft() {
    return left;
  }

  /** An area that nobody uses, that is large enough and not beyond an address, or null. */
  @Nullable Area takeFree(int size, long highest) {
    for (Area area : free) {
      if (area.size >= size && area.endsBy(highest)) {
        free.remove(area);
        return area;
      }
    }
    return null;
  }

  boolean hasFree() {
    return !free.isEmpty();
  }

  /** Takes back an area that a task used. */
  void giveBack(Area area) {
    area.used = 0;
    free.push(area);
  }

  /** Takes bytes of an area, aligned for any type; the address, or 0 when they do not fit. */
  static long take(Area area, int size) {
    int start = (area.used + 15) & -16;
    if (start + size > area.size || start + size < 0) {
      return 0;
    }
    area.used = start + size;
    return area.address + start;
  }

  /** A new call begins: nothing of the area is in use. */
  static void reset(Area area) {
    area.used = 0;
  }
}
