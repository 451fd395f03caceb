package io.sysmon.examples;

import io.sysmon.ExitStatus;
import io.sysmon.SyscallExit;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import java.time.Duration;
import java.util.Optional;

/**
 * Which tasks are shown: all with {@code -f}, else the command's first one and those that {@code
 * -p} names. Lets processes go of which nothing will be shown. Tracer thread; the first listener,
 * so that the others can ask it.
 */
final class ShownTasks implements TraceeListener {
  /** The results by which the kernel says that a call goes on, linux/errno.h. */
  private static final int FIRST_RESTART = 512;

  private static final int LAST_RESTART = 516;

  private final boolean all;
  private final Targets targets;
  private final boolean withCommand;

  /** The command's first task; 0 before it starts. */
  private int command;

  private volatile boolean lettingGo;

  /**
   * Shows nothing yet.
   *
   * @param all whether what comes of the tasks is shown too
   * @param withCommand whether a command will be launched
   */
  ShownTasks(boolean all, Targets targets, boolean withCommand) {
    this.all = all;
    this.targets = targets;
    this.withCommand = withCommand;
  }

  boolean isShown(TraceeTask task) {
    return all || isCommand(task) || targets.names(task.tid());
  }

  /** Whether it is the task that was launched. */
  boolean isCommand(TraceeTask task) {
    return task.tid() == command;
  }

  /** Whether a process was launched, or came of what was. Any thread. */
  boolean isOfCommand(TraceeHandle process) {
    TraceeHandle root = process;
    for (Optional<TraceeHandle> parent = root.parent();
        parent.isPresent();
        parent = root.parent()) {
      root = parent.get();
    }
    return !targets.processes().contains(root.pid());
  }

  /** What was attached will be detached, which interrupts its calls. Any thread. */
  void lettingGo() {
    lettingGo = true;
  }

  /** Whether a call has not ended, but will go on when its task is detached. */
  boolean isInterruptedToLetGo(SyscallExit call) {
    return lettingGo
        && -call.result() >= FIRST_RESTART
        && -call.result() <= LAST_RESTART
        && !isOfCommand(call.task().tracee());
  }

  @Override
  public void onStart(TraceeTask task) {
    if (withCommand
        && command == 0
        && task.tracee().parent().isEmpty()
        && !targets.processes().contains(task.pid())) {
      command = task.tid();
    }
  }

  @Override
  public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
    if (!all && child.pid() != parent.pid()) {
      letGo(child.tracee());
    }
  }

  /** A process of which only threads are named is traced as long as one of them lives. */
  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    if (!all
        && task.tid() != task.pid()
        && targets.names(task.tid())
        && task.tracee().tasks().stream().noneMatch(this::isShown)) {
      letGo(task.tracee());
    }
  }

  private static void letGo(TraceeHandle process) {
    try {
      // In a callback it does not wait, whatever the limit.
      process.detach(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
