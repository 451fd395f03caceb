package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.decode.SyscallNumbers;
import io.sysmon.internal.sys.Ptrace;
import java.util.List;
import java.util.Map;

/**
 * Calls by which a program that has our filter would get out of sight. Tracer thread.
 *
 * <p>A filter of its own may have stronger actions, which hide its calls from ours: from then on
 * all its calls are followed. A child that is made with {@code CLONE_UNTRACED} would have our
 * filter and no tracer, and its selected calls would fail with {@code ENOSYS}: the flag is taken
 * out of the call, and the child is traced.
 */
final class Escapes {
  static final int PR_SET_SECCOMP = 22;
  static final int CLONE_UNTRACED = 0x00800000;

  private static final int FILTER_FLAG_TSYNC = 1;
  private static final int SET_MODE_FILTER = 1;

  private static final byte SECCOMP = 1;
  private static final byte PRCTL = 2;
  private static final byte CLONE = 3;
  private static final byte CLONE3 = 4;

  private final Ptrace ptrace;
  private final List<Abi> abis;
  private final MarkedCalls calls;
  private final CallVerbs verbs;

  Escapes(Ptrace ptrace, List<Abi> abis, List<SyscallNumbers> numbers, CallVerbs verbs) {
    this.ptrace = ptrace;
    this.abis = abis;
    this.verbs = verbs;
    calls =
        new MarkedCalls(
            numbers, Map.of("seccomp", SECCOMP, "prctl", PRCTL, "clone", CLONE, "clone3", CLONE3));
  }

  /** A task is about to make the call that the listeners have left. */
  void entered(Task task) {
    if (task.process().filtering() == Filtering.NONE) {
      return;
    }
    switch (calls.of(task)) {
      case SECCOMP -> filtersItself(task, task.arguments[0] == SET_MODE_FILTER);
      case PRCTL -> {
        if ((int) task.arguments[0] == PR_SET_SECCOMP) {
          filtersItself(task, false);
        }
      }
      case CLONE -> {
        if ((task.arguments[0] & CLONE_UNTRACED) != 0 && task.convention != null) {
          verbs.setArgument(task, abis.get(task.abi), 0, task.arguments[0] & ~CLONE_UNTRACED);
        }
      }
      case CLONE3 -> {
        long flags = verbs.firstWord(task, task.arguments[0]);
        if ((flags & CLONE_UNTRACED) != 0
            && verbs.writeFirstWord(task.tid(), task.arguments[0], flags & ~CLONE_UNTRACED)) {
          task.clonesUntraced = true;
        }
      }
      default -> {}
    }
  }

  private void filtersItself(Task task, boolean mayBeForAll) {
    Tracee process = task.process();
    process.filtering(Filtering.FOLLOWED);
    if (mayBeForAll && (task.arguments[1] & FILTER_FLAG_TSYNC) != 0) {
      for (Task other : process.tasksBut(task)) {
        if (other.state() == TaskState.RUNNING && !other.listening) {
          // It was resumed to stop where our filter says.
          other.interrupt(ptrace);
        }
      }
    }
  }

  /** The call has returned: its structure is the program's again. */
  void returned(Task task) {
    if (task.clonesUntraced) {
      task.clonesUntraced = false;
      restore(task, task.tid());
    }
  }

  /** The call has made a child, which may have a copy of the structure. */
  void forked(Task parent, int child) {
    if (parent.clonesUntraced) {
      restore(parent, child);
    }
  }

  private void restore(Task task, int tid) {
    long flags = verbs.firstWord(task, task.arguments[0]);
    // Where that fails, the task is gone, and its memory with it.
    verbs.writeFirstWord(tid, task.arguments[0], flags | CLONE_UNTRACED);
  }
}
