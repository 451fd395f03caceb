package io.sysmon.examples;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import java.util.HashSet;
import java.util.Set;

/**
 * Which calls are shown: by their names ({@code -e trace=}) and by what they access ({@code -P}).
 * Tracer thread; before the listeners that ask it.
 */
final class ShownCalls implements SyscallListener, TraceeListener {
  private final CallFilter names;
  private final PathFilter paths;
  private final ShownTasks tasks;

  /** The tasks whose present call accesses a path. */
  private final Set<TraceeTask> accessing = new HashSet<>();

  ShownCalls(CallFilter names, PathFilter paths, ShownTasks tasks) {
    this.names = paths.isEmpty() ? names : names.among(PathFilter.candidates());
    this.paths = paths;
    this.tasks = tasks;
  }

  /** What those must ask for who show calls. */
  Interest wanted() {
    return names.interest();
  }

  /** What itself needs to see. */
  @Override
  public Interest interest() {
    return paths.isEmpty() ? Interest.none() : wanted();
  }

  @Override
  public void onEnter(SyscallEnter call) {
    if (tasks.isShown(call.task()) && names.accepts(call.name()) && paths.accepts(call)) {
      accessing.add(call.task());
    } else {
      accessing.remove(call.task());
    }
  }

  @Override
  public void onExit(SyscallExit call) {
    if (hadBegun(call) && names.accepts(call.name()) && paths.accepts(call)) {
      accessing.add(call.task());
    }
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    accessing.remove(task);
  }

  @Override
  public void onDetach(TraceeTask task) {
    accessing.remove(task);
  }

  boolean isShown(SyscallStop call) {
    return names.accepts(call.name()) && (paths.isEmpty() || accessing.contains(call.task()));
  }

  /**
   * Whether a call is shown that nobody has seen begin: also of its entry, the exit has to tell.
   */
  boolean isShownFromExit(SyscallExit call) {
    return hadBegun(call) && isShown(call);
  }

  /** Whether the task was in the call when it was attached. */
  static boolean hadBegun(SyscallExit call) {
    return call.durationNanos() == 0;
  }
}
