package io.sysmon.internal.engine;

import io.sysmon.internal.sys.Ptrace;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Notices tasks that are silent in a state that they should leave, reports them with their history,
 * and takes up a stop whose report somebody else has consumed: code of this JVM that waits for any
 * child ({@code wait4(-1)} without {@code __WNOTHREAD}). Tracer thread, at intervals; a task that
 * has events costs one comparison.
 */
final class Watch {
  private static final System.Logger LOG = System.getLogger("io.sysmon.watch");
  private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MAX_KEPT = 16;
  private static final int ESRCH = 3;

  private final Stops stops;
  private final Lives lives;
  private final Ptrace ptrace;
  private final TaskTable table;

  /** Guarded by itself. */
  private final Deque<String> reports = new ArrayDeque<>();

  Watch(Stops stops, Lives lives, Ptrace ptrace) {
    this.stops = stops;
    this.lives = lives;
    this.ptrace = ptrace;
    table = lives.table();
  }

  /** Looks at all tasks, when all events have been taken up. */
  void check() {
    long now = System.nanoTime();
    for (int slot = 0; slot < table.slots(); slot++) {
      Task task = table.inSlot(slot);
      if (task != null && now - task.history.lastNanos() > SILENT_NANOS) {
        checkSilent(task, now);
      }
    }
  }

  private void checkSilent(Task task, long now) {
    if (task.watchedCount != task.history.count()) {
      // The first look in this silence.
      task.watchedCount = task.history.count();
      task.watchInterval = SILENT_NANOS;
      task.suspect = false;
    } else if (now - task.watchedNanos < task.watchInterval) {
      return;
    }
    task.watchedNanos = now;
    // A task that sleeps for hours is looked at less and less often.
    task.watchInterval = task.suspect ? SILENT_NANOS : 2 * task.watchInterval;
    String finding = finding(task);
    boolean again = task.suspect;
    task.suspect = !finding.isEmpty();
    if (task.suspect && again) {
      report(task, finding, now);
      recover(task);
    } else if (task.suspect) {
      // Its event may be on its way. The next look decides.
      task.watchInterval = 0;
    }
  }

  /** What is wrong, or empty. */
  private static String finding(Task task) {
    int tid = task.tid();
    return switch (task.state()) {
      case STOPPED -> "was not resumed from its stop";
      case ANNOUNCED -> ProcStatus.sleepsUninterruptibly(tid) ? "" : "never had its first stop";
      case SEIZED ->
          ProcStatus.isUntraced(tid)
              ? "is not traced any more: a thread that was not seized yet has called execve"
              : ProcStatus.sleepsUninterruptibly(tid) ? "" : "did not stop when it was attached";
      case ARRIVING ->
          ProcStatus.isTracedByThisThread(tid)
              ? ""
              : "sleeps in a call of ours: another tracer has seized it while it changed its thread";
      case RUNNING ->
          !task.listening && ProcStatus.isInTracingStop(tid)
              ? "is in a stop that was not reported: other code of this JVM waits for any child"
              : ProcStatus.isUntraced(tid)
                  ? "is not traced any more: a thread made by CLONE_UNTRACED has called execve"
                  : "";
      default -> "";
    };
  }

  private void report(Task task, String finding, long now) {
    String report = task + " " + finding + "; " + task.history.lines(now);
    LOG.log(System.Logger.Level.WARNING, report);
    synchronized (reports) {
      reports.add(report);
      if (reports.size() > MAX_KEPT) {
        reports.remove();
      }
    }
  }

  /** Takes up a stop that was consumed. What it was is still in its siginfo. */
  private void recover(Task task) {
    if (task.state() != TaskState.RUNNING && task.state() != TaskState.SEIZED) {
      return;
    }
    if (ProcStatus.isUntraced(task.tid()) && ptrace.interrupt(task.tid()) == -ESRCH) {
      lives.escaped(task);
      return;
    }
    int status = ptrace.stopStatus(task.tid());
    if (status > 0) {
      stops.take(task.tid(), status);
    }
  }

  /** The last reports. Any thread. */
  List<String> reports() {
    synchronized (reports) {
      return List.copyOf(reports);
    }
  }
}
