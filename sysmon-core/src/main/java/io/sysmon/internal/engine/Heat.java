package io.sysmon.internal.engine;

import io.sysmon.internal.sys.CpuMask;
import org.jspecify.annotations.Nullable;

/** How often a task stops, and where {@link Placer} has put it for that. Tracer thread. */
final class Heat {
  /** Stops in the window under way. */
  int stops;

  /** {@link System#nanoTime()} at which that window began. */
  long windowBegan = System.nanoTime();

  /** The mask that the program knows, while the task is on the tracer's CPU. */
  @Nullable CpuMask ownMask;

  /** The parent's mask, which it gets at its first stop. */
  @Nullable CpuMask inheritedMask;

  /** How long its last window took before it was placed. */
  long nanosBefore;

  /** Windows until it is to be seen whether it has become faster; 0 when that is over. */
  int trial;

  /** Not to be placed before this {@link System#nanoTime()}. */
  long notBefore = windowBegan;

  long backoffNanos;

  boolean isPlaced() {
    return ownMask != null;
  }
}
