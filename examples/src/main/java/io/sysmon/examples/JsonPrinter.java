package io.sysmon.examples;

import io.sysmon.Errno;
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
import io.sysmon.decode.Argument;
import io.sysmon.decode.PendingCall;
import io.sysmon.examples.Qualifiers.Status;
import io.sysmon.stack.StackFrame;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes what tracees do as JSON objects, one a line: docs/json.md. Tracer thread only. */
final class JsonPrinter implements SyscallListener, TraceeListener {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final Qualifiers qualifiers;
  private final ShownCalls calls;
  private final ShownTasks shown;
  private final CallText texts;
  private final Stacks stacks;
  private final TraceLogs logs;
  private final Clock clock;
  private final Set<TraceeTask> tasks = new HashSet<>();
  private final Map<TraceeTask, Call> current = new HashMap<>();

  /**
   * A call that has begun.
   *
   * @param line the object as far as it is known at the entry
   * @param text the call as strace would print it, as far as that is known
   * @param stack what is behind it, if that can be looked at only at the entry
   */
  private record Call(
      StringBuilder line,
      Json json,
      StringBuilder text,
      PendingCall pending,
      List<StackFrame> stack) {}

  JsonPrinter(
      Qualifiers qualifiers,
      ShownCalls calls,
      ShownTasks shown,
      CallText texts,
      Stacks stacks,
      TraceLogs logs,
      Clock clock) {
    this.qualifiers = qualifiers;
    this.calls = calls;
    this.shown = shown;
    this.texts = texts;
    this.stacks = stacks;
    this.logs = logs;
    this.clock = clock;
  }

  @Override
  public Interest interest() {
    return calls.wanted();
  }

  /** The object of what is to be told of the trace itself. Any thread. */
  static String message(Clock clock, String text) {
    StringBuilder line = new StringBuilder();
    begin(line, "message", clock).with("text", text).end();
    return line.toString();
  }

  private static Json begin(StringBuilder line, String type, Clock clock) {
    Instant now = clock.instant();
    return new Json(line)
        .with("type", type)
        .withSeconds("time", now.getEpochSecond() * NANOS_PER_SECOND + now.getNano());
  }

  private Json begin(StringBuilder line, String type, TraceeTask task) {
    return begin(line, type, clock).with("pid", task.pid()).with("tid", task.tid());
  }

  private void end(TraceeTask task, StringBuilder line, Json json) {
    json.end();
    logs.output(task).write(line.append('\n'));
  }

  @Override
  public void onStart(TraceeTask task) {
    task.tracee().tasks().forEach(this::show);
  }

  private void show(TraceeTask task) {
    if (shown.isShown(task) && tasks.add(task)) {
      logs.started(task);
      StringBuilder line = new StringBuilder();
      end(task, line, begin(line, "start", task));
    }
  }

  @Override
  public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
    if (tasks.contains(parent)) {
      StringBuilder line = new StringBuilder();
      Json json = begin(line, "fork", parent);
      end(parent, line, json.with("child", child.tid()).with("process", child.pid()));
    }
  }

  @Override
  public void onExec(TraceeTask task, int formerTid) {
    // Without -f, a thread that was not shown has become the one that is.
    show(task);
    if (tasks.contains(task)) {
      StringBuilder line = new StringBuilder();
      end(task, line, begin(line, "exec", task).with("formerTid", formerTid));
    }
  }

  @Override
  public void onEnter(SyscallEnter call) {
    if (tasks.contains(call.task()) && calls.isShown(call)) {
      current.put(call.task(), begin(call));
    }
  }

  private Call begin(SyscallStop call) {
    StringBuilder line = new StringBuilder();
    Json json =
        begin(line, "call", call.task())
            .with("abi", call.abi().name())
            .with("number", call.number())
            .with("name", call.name());
    json.array("args");
    for (Argument argument : call.signature().arguments()) {
      Json element =
          json.element()
              .with("name", argument.name())
              .with("kind", argument.kind().toString())
              .with("value", "0x" + Long.toHexString(call.arg(argument.register())));
      if (argument.kind().isPath() || argument.kind().isString()) {
        call.findString(argument.register()).ifPresent(string -> element.with("string", string));
      }
      element.end();
    }
    json.endArray();
    StringBuilder text = new StringBuilder();
    return new Call(line, json, text, texts.enter(call, text), stacks.atEntry(call));
  }

  @Override
  public void onExit(SyscallExit stop) {
    TraceeTask task = stop.task();
    if (!tasks.contains(task) || shown.isInterruptedToLetGo(stop)) {
      return;
    }
    Call call = current.remove(task);
    if (call == null) {
      if (!calls.isShownFromExit(stop)) {
        return;
      }
      call = begin(stop);
    }
    if (!qualifiers.statuses().contains(stop.failed() ? Status.FAILED : Status.SUCCESSFUL)) {
      return;
    }
    StringBuilder result = new StringBuilder();
    texts.exit(call.pending, stop, call.text, result);
    call.json.with("text", call.text).with("result", stop.result());
    Errno errno = stop.errno();
    if (errno == null) {
      call.json.withNull("error");
    } else {
      call.json.with("error", errno.name());
    }
    call.json.with("returned", result).withSeconds("duration", stop.durationNanos());
    stacks.add(call.json, stacks.atExit(stop, call.stack));
    end(task, call.line, call.json);
  }

  /** A call that will not return, or not while it is traced. */
  private void abandon(TraceeTask task, Status status) {
    Call call = current.remove(task);
    if (call != null && qualifiers.statuses().contains(status)) {
      call.json.with("text", call.text).withNull("result").withNull("error");
      call.json.withNull("returned").withNull("duration");
      stacks.add(call.json, call.stack);
      end(task, call.line, call.json);
    }
  }

  @Override
  public void onSignal(SignalStop stop) {
    TraceeTask task = stop.task();
    if (tasks.contains(task) && qualifiers.signals().contains(stop.signal().number())) {
      StringBuilder line = new StringBuilder();
      StringBuilder info = new StringBuilder();
      texts.signal(stop, info);
      Json json = begin(line, "signal", task).with("signal", stop.signal().name());
      stacks.add(json.with("info", info), stacks.of(stop));
      end(task, line, json);
    }
  }

  @Override
  public void onGroupStop(TraceeTask task, Signal signal) {
    if (tasks.contains(task) && qualifiers.signals().contains(signal.number())) {
      StringBuilder line = new StringBuilder();
      end(task, line, begin(line, "stop", task).with("signal", signal.name()));
    }
  }

  @Override
  public void onDetach(TraceeTask task) {
    if (tasks.contains(task)) {
      abandon(task, Status.DETACHED);
      StringBuilder line = new StringBuilder();
      leave(task, line, begin(line, "detach", task));
    }
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    if (!tasks.contains(task)) {
      return;
    }
    abandon(task, Status.UNFINISHED);
    StringBuilder line = new StringBuilder();
    Json json = begin(line, "exit", task);
    Signal signal = status.signal();
    if (status.supersededBy() != 0) {
      json.with("supersededBy", status.supersededBy());
    } else if (signal == null) {
      json.with("code", status.code());
    } else {
      json.with("signal", signal.name()).with("coreDumped", status.coreDumped());
    }
    leave(task, line, json);
  }

  private void leave(TraceeTask task, StringBuilder line, Json json) {
    end(task, line, json);
    tasks.remove(task);
    logs.ended(task);
  }
}
