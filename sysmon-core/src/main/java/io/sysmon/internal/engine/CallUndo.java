package io.sysmon.internal.engine;

import io.sysmon.decode.SyscallSignature;
import org.jspecify.annotations.Nullable;

/**
 * What a call was before a callback: one that throws has half of its changes made, and the call
 * then goes on as if it had not been called. Memory that it wrote stays written. Tracer thread.
 */
final class CallUndo {
  private final long[] arguments = new long[Task.ARGUMENTS];
  private final CallChanges changes = new CallChanges();
  private long number;
  private @Nullable SyscallSignature signature;
  private long result;
  private boolean failed;
  private boolean changed;
  private @Nullable Hold hold;
  private long returnDelay;

  /** Remembers the call that the task is in. */
  void mark(Task task) {
    System.arraycopy(task.arguments, 0, arguments, 0, Task.ARGUMENTS);
    number = task.number;
    signature = task.signature;
    result = task.result;
    failed = task.failed;
    changed = task.changes != null;
    hold = task.hold;
    returnDelay = task.returnDelay;
    if (task.changes != null) {
      changes.copy(task.changes);
    }
  }

  /** Makes the call what it was. */
  void undo(Task task) {
    System.arraycopy(arguments, 0, task.arguments, 0, Task.ARGUMENTS);
    task.number = number;
    task.signature = signature;
    task.result = result;
    task.failed = failed;
    task.returnDelay = returnDelay;
    if (task.hold != null && task.hold != hold) {
      task.hold.withdraw();
      task.hold = hold;
    }
    if (task.changes != null) {
      if (changed) {
        task.changes.copy(changes);
      } else {
        task.changes.begin(task);
      }
    }
  }
}
