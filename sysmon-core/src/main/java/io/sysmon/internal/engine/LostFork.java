package io.sysmon.internal.engine;

import io.sysmon.spi.SyscallConvention;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a task had of the tracer's changes when it ended, perhaps in the middle of a fork that it
 * could not report any more: its child began with a copy. Immutable.
 */
final class LostFork {
  private final AddressSpace addressSpace;
  private final int changed;
  private final long[] arguments = new long[Task.ARGUMENTS];
  private final long[] programArguments = new long[Task.ARGUMENTS];
  private final @Nullable SyscallConvention convention;
  private final long argumentMask;

  private LostFork(Task task, @Nullable CallChanges changes) {
    addressSpace = task.process().addressSpace();
    changed = changes == null ? 0 : changes.arguments;
    convention = changes == null ? null : task.convention;
    argumentMask = task.argumentMask;
    if (changes != null) {
      System.arraycopy(task.arguments, 0, arguments, 0, arguments.length);
      System.arraycopy(changes.programArguments, 0, programArguments, 0, programArguments.length);
    }
  }

  /** What a task leaves, or null when that is nothing. */
  static @Nullable LostFork of(Task task) {
    CallChanges changes = task.changes;
    boolean changed = task.inSyscall && changes != null && changes.arguments != 0;
    if (!changed && task.process().addressSpace().isUntouched()) {
      return null;
    }
    return new LostFork(task, changed ? changes : null);
  }

  AddressSpace addressSpace() {
    return addressSpace;
  }

  /** The arguments that listeners had changed: bit n for argument n. */
  int changed() {
    return changed;
  }

  /** How the changed call was made; null when none was changed. */
  @Nullable SyscallConvention convention() {
    return convention;
  }

  /** Which bits of a register belong to an argument. */
  long argumentMask() {
    return argumentMask;
  }

  /** An argument as the call was made with it. */
  long argument(int index) {
    return arguments[index];
  }

  long[] programArguments() {
    return programArguments.clone();
  }

  boolean isLike(LostFork other) {
    return addressSpace == other.addressSpace
        && changed == other.changed
        && Arrays.equals(arguments, other.arguments)
        && Arrays.equals(programArguments, other.programArguments);
  }
}
