package io.sysmon.examples;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.examples.Qualifiers.Message;
import io.sysmon.examples.Qualifiers.Status;
import io.sysmon.stack.StackFrame;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints what tracees do in the form of strace(1). Tracer thread only. */
final class StracePrinter implements SyscallListener, TraceeListener {
  /** How the kernel says that the call goes on by restart_syscall(2), linux/errno.h. */
  private static final int ERESTART_RESTARTBLOCK = 516;

  /**
   * What is to be printed.
   *
   * @param modes whether it is told when a task begins to make calls of another ABI
   * @param pids what adds the tracer's process ids; null when they are not wanted
   */
  record Wanted(
      Qualifiers qualifiers,
      ShownCalls calls,
      ShownTasks shown,
      LineMarks marks,
      Stacks stacks,
      boolean modes,
      boolean durations,
      @Nullable PidTranslation pids) {
    boolean hasAllStatuses() {
      return qualifiers.statuses().isAll();
    }
  }

  /** Where it is to be printed. */
  interface Logs {
    /** The log that shows a task. */
    TraceLog of(TraceeTask task);

    /** A task is shown from now on. */
    void started(TraceeTask task);

    /** A task will not be shown any more. */
    void ended(TraceeTask task);
  }

  /** The call that a task is in. */
  private static final class Current {
    private CallText.@Nullable Begun call;

    /** The beginning of its line, when it is not known yet whether it will be printed. */
    private String line = "";

    private String marks = "";
    private @Nullable String restarting;
    private List<StackFrame> stack = List.of();
  }

  private final Wanted wanted;
  private final CallText texts;
  private final Logs logs;
  private final Map<TraceeTask, Current> tasks = new HashMap<>();
  private final Modes modes = new Modes();
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder result = new StringBuilder();
  private boolean executed;

  StracePrinter(Wanted wanted, CallText texts, Logs logs) {
    this.wanted = wanted;
    this.texts = texts;
    this.logs = logs;
  }

  @Override
  public Interest interest() {
    return wanted.calls().wanted();
  }

  /** Whether a task is the command, whose execve has been tried and not succeeded. */
  private boolean isCommandMissing(TraceeTask task) {
    return !executed && wanted.shown().isCommand(task);
  }

  @Override
  public void onStart(TraceeTask task) {
    // With those that have been attached with it, so that lines tell them apart from the first on.
    task.tracee().tasks().forEach(this::show);
  }

  private void show(TraceeTask task) {
    if (wanted.shown().isShown(task) && !tasks.containsKey(task)) {
      tasks.put(task, new Current());
      logs.started(task);
    }
  }

  @Override
  public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
    modes.forked(parent, child);
    if (wanted.pids() != null) {
      wanted.pids().forked(parent, child);
    }
  }

  @Override
  public void onExec(TraceeTask task, int formerTid) {
    executed |= wanted.shown().isCommand(task);
    // Without -f, a thread that was not shown has become the one that is.
    show(task);
  }

  @Override
  public void onEnter(SyscallEnter call) {
    TraceeTask task = call.task();
    Current current = tasks.get(task);
    if (current == null || !wanted.calls().isShown(call)) {
      return;
    }
    tellMode(call);
    current.call = begin(call);
    if (call.name().equals("restart_syscall")) {
      text.append("<... resuming interrupted ")
          .append(current.restarting == null ? "system call" : current.restarting)
          .append(" ...>");
    }
    open(call, current);
    // What makes the command a program is not a part of it.
    current.stack = isCommandMissing(task) ? List.of() : wanted.stacks().atEntry(call);
  }

  /** The log of a task, whose next line begins with these marks. */
  private TraceLog log(TraceeTask task, String marks) {
    TraceLog log = logs.of(task);
    log.marks(marks);
    return log;
  }

  private void open(SyscallStop call, Current current) {
    TraceeTask task = call.task();
    current.marks = wanted.marks().of(call);
    if (wanted.hasAllStatuses()) {
      log(task, current.marks).open(task, task.tid(), text);
    } else {
      current.line = text.toString();
    }
  }

  /** Whether the end of a call is printed, of which the line is open then. */
  private boolean openForEnd(TraceeTask task, Current current, Status status) {
    if (wanted.hasAllStatuses()) {
      return true;
    }
    if (wanted.qualifiers().statuses().contains(status)) {
      log(task, current.marks).open(task, task.tid(), current.line);
      return true;
    }
    return false;
  }

  private void tellMode(SyscallStop call) {
    String line = modes.lineBefore(call);
    if (wanted.modes() && !line.isEmpty()) {
      log(call.task(), "").line(call.tid(), line);
    }
  }

  /** What is known of a call at its entry, into {@link #text}. */
  private CallText.Begun begin(SyscallStop call) {
    text.setLength(0);
    return texts.enter(call, text);
  }

  @Override
  public void onExit(SyscallExit call) {
    TraceeTask task = call.task();
    Current current = tasks.get(task);
    if (current == null) {
      return;
    }
    if (wanted.shown().isInterruptedToLetGo(call)) {
      return;
    }
    long value = call.result();
    CallText.Begun pending = current.call;
    if (pending == null) {
      if (!wanted.calls().isShownFromExit(call)) {
        return;
      }
      tellMode(call);
      pending = begin(call);
      open(call, current);
    }
    current.call = null;
    current.restarting = value == -ERESTART_RESTARTBLOCK ? call.name() : null;
    if (!openForEnd(task, current, call.failed() ? Status.FAILED : Status.SUCCESSFUL)) {
      return;
    }
    text.setLength(0);
    result.setLength(0);
    texts.exit(pending, call, text, result);
    if (wanted.pids() != null && call.signature().result().name().equals("pid")) {
      wanted.pids().append(task, value, tasks.keySet(), result);
    }
    if (wanted.durations() && !ShownCalls.hadBegun(call)) {
      TimeStamps.appendDuration(result.append(' '), call.durationNanos());
    }
    log(task, wanted.marks().of(call)).close(task, task.tid(), pending.name(), text, result);
    printStack(task, wanted.stacks().atExit(call, current.stack));
  }

  private void printStack(TraceeTask task, List<StackFrame> frames) {
    Stacks.print(frames, logs.of(task)::notice);
  }

  @Override
  public void onSignal(SignalStop stop) {
    TraceeTask task = stop.task();
    if (tasks.containsKey(task) && isWanted(stop.signal())) {
      text.setLength(0);
      text.append("--- ").append(stop.signal().name()).append(' ');
      texts.signal(stop, text);
      log(task, wanted.marks().of(stop)).line(task.tid(), text.append(" ---"));
      printStack(task, wanted.stacks().of(stop));
    }
  }

  private boolean isWanted(Signal signal) {
    return wanted.qualifiers().signals().contains(signal.number());
  }

  @Override
  public void onGroupStop(TraceeTask task, Signal signal) {
    if (tasks.containsKey(task) && isWanted(signal)) {
      String line = "--- stopped by " + signal.name() + " ---";
      log(task, wanted.marks().of(task)).line(task.tid(), line);
    }
  }

  private @Nullable Current forget(TraceeTask task) {
    modes.ended(task);
    if (wanted.pids() != null) {
      wanted.pids().ended(task);
    }
    return tasks.remove(task);
  }

  @Override
  public void onDetach(TraceeTask task) {
    Current current = forget(task);
    wanted.marks().ended(task);
    if (current != null) {
      if (current.call != null && openForEnd(task, current, Status.DETACHED)) {
        logs.of(task).detached(task);
      }
      logs.ended(task);
    }
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    Current current = forget(task);
    if (current == null) {
      return;
    }
    if (isCommandMissing(task)) {
      // What ended is what tried to become the command, and the user is told otherwise.
      logs.ended(task);
      return;
    }
    CallText.Begun pending = current.call;
    if (pending != null && openForEnd(task, current, Status.UNFINISHED)) {
      boolean complete =
          pending.call().argumentsPrinted() >= pending.call().signature().arguments().size();
      log(task, wanted.marks().of(task)).abandon(task, task.tid(), pending.name(), complete);
      printStack(task, current.stack);
    }
    boolean superseded = status.supersededBy() != 0;
    TraceLog log = log(task, wanted.marks().of(task));
    wanted.marks().ended(task);
    if (superseded) {
      // One task takes another's place: the one that goes is not counted any more.
      logs.ended(task);
    }
    if (wanted.qualifiers().tells(superseded ? Message.THREAD_EXECVE : Message.EXIT)) {
      log.line(task.tid(), "+++ " + status + " +++");
    }
    if (!superseded) {
      logs.ended(task);
    }
  }
}
