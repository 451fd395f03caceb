package io.sysmon.internal.engine;

import java.util.List;
import java.util.Locale;

/** The state of a tracer as text for a bug report. Any thread, never waits. */
final class Diagnosis {
  private static final double NANOS_PER_SECOND = 1e9;

  private final StringBuilder text = new StringBuilder();

  /** Begins with the machine. */
  Diagnosis() {
    line(
        "SysMon on %s %s %s, Java %s",
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("os.arch"),
        System.getProperty("java.version"));
  }

  void thread(Thread tracer, long busySince, int tasks, int busyPercent) {
    line(
        "%s: %s; %d tasks, busy for %d %% of the time",
        tracer.getName(),
        !tracer.isAlive()
            ? "ended"
            : busySince == 0
                ? "waiting for events"
                : String.format(
                    Locale.ROOT,
                    "busy for %.3f s",
                    (System.nanoTime() - busySince) / NANOS_PER_SECOND),
        tasks,
        busyPercent);
    for (StackTraceElement frame : tracer.getStackTrace()) {
      line("    at %s", frame);
    }
  }

  void tasks(List<Tracee> processes) {
    line("%d processes", processes.size());
    line(
        "%8s %8s %-10s %-2s %-24s %-16s %s",
        "PID", "TID", "STATE", "K", "LAST STOP", "LAST RESTART", "");
    for (Tracee process : processes) {
      for (Task task : process.taskList()) {
        line(
            "%8d %8d %-10s %-2s %-24s %-16s %s",
            process.pid(),
            task.tid(),
            task.state(),
            ProcStatus.stateOf(task.tid()),
            task.history.lastStop(),
            task.history.lastRequest(),
            details(task));
      }
    }
  }

  private static String details(Task task) {
    StringBuilder details = new StringBuilder();
    append(details, task.signature != null && task.inSyscall, "in " + nameOf(task));
    append(details, task.process().isAttached(), "attached");
    append(details, task.process().isReleasing(), "being detached");
    append(details, task.launch != null, "being launched");
    append(details, task.listening, "in a group-stop");
    append(details, task.interrupted, "interrupted");
    append(details, task.changes != null && task.changes.any(), "changed");
    append(details, task.steppingOver != null || task.step != null, "stepping");
    return details.toString();
  }

  private static String nameOf(Task task) {
    return task.signature == null ? "" : task.signature.name();
  }

  private static void append(StringBuilder details, boolean is, String what) {
    if (is) {
      details.append(details.length() == 0 ? "" : ", ").append(what);
    }
  }

  void moves(Moves moves) {
    moves.lines().forEach(text -> line("%s", text));
  }

  void reports(List<String> reports) {
    for (String report : reports) {
      line("found: %s", report);
    }
  }

  private void line(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
