package io.sysmon.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sysmon.Errno;
import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallRecord;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.decode.Argument;
import io.sysmon.examples.Qualifiers.Status;
import io.sysmon.stack.StackFrame;
import java.io.IOException;
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
  private static final List<String> OF_A_RETURN =
      List.of("result", "error", "returned", "duration");

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
   * @param text the call as strace would print it, as far as that is known
   * @param stack what is behind it, if that can be looked at only at the entry
   */
  private record Call(
      Instant time,
      SyscallRecord entry,
      StringBuilder text,
      CallText.Begun pending,
      List<StackFrame> stack) {}

  private static final Json.Fields NOTHING_MORE = json -> {};

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
    return object("message", clock.instant(), json -> json.writeStringField("text", text));
  }

  private static String object(String type, Instant time, Json.Fields fields) {
    return Json.object(
        json -> {
          json.writeStringField("type", type);
          json.writeNumberField(
              "time", Json.seconds(time.getEpochSecond() * NANOS_PER_SECOND + time.getNano()));
          fields.write(json);
        });
  }

  private void write(TraceeTask task, String type, Json.Fields fields) {
    write(task, task.tid(), type, clock.instant(), fields);
  }

  private void write(TraceeTask task, int tid, String type, Instant time, Json.Fields fields) {
    String line =
        object(
            type,
            time,
            json -> {
              json.writeNumberField("pid", task.pid());
              json.writeNumberField("tid", tid);
              fields.write(json);
            });
    logs.output(task).write(line + "\n");
  }

  @Override
  public void onStart(TraceeTask task) {
    task.tracee().tasks().forEach(this::show);
  }

  private void show(TraceeTask task) {
    if (shown.isShown(task) && tasks.add(task)) {
      logs.started(task);
      write(task, "start", NOTHING_MORE);
    }
  }

  @Override
  public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
    if (tasks.contains(parent)) {
      write(
          parent,
          "fork",
          json -> {
            json.writeNumberField("child", child.tid());
            json.writeNumberField("process", child.pid());
          });
    }
  }

  @Override
  public void onExec(TraceeTask task, int formerTid) {
    // Without -f, a thread that was not shown has become the one that is.
    show(task);
    if (tasks.contains(task)) {
      write(task, "exec", json -> json.writeNumberField("formerTid", formerTid));
    }
  }

  @Override
  public void onEnter(SyscallEnter call) {
    if (tasks.contains(call.task()) && calls.isShown(call)) {
      current.put(call.task(), begin(call));
    }
  }

  private Call begin(SyscallStop call) {
    Instant now = clock.instant();
    StringBuilder text = new StringBuilder();
    return new Call(now, call.snapshot(), text, texts.enter(call, text), stacks.atEntry(call));
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
    Errno errno = stop.errno();
    List<StackFrame> stack = stacks.atExit(stop, call.stack);
    write(
        task,
        call,
        stack,
        json -> {
          json.writeNumberField("result", stop.result());
          json.writeStringField("error", errno == null ? null : errno.name());
          json.writeStringField("returned", result.toString());
          json.writeNumberField("duration", Json.seconds(stop.durationNanos()));
        });
  }

  /** A call that will not return, or not while it is traced. */
  private void abandon(TraceeTask task, Status status) {
    Call call = current.remove(task);
    if (call != null && qualifiers.statuses().contains(status)) {
      write(
          task,
          call,
          call.stack,
          json -> {
            for (String name : OF_A_RETURN) {
              json.writeNullField(name);
            }
          });
    }
  }

  private void write(TraceeTask task, Call call, List<StackFrame> stack, Json.Fields outcome) {
    SyscallRecord entry = call.entry;
    write(
        task,
        entry.tid(),
        "call",
        call.time,
        json -> {
          json.writeStringField("abi", entry.abi().name());
          json.writeNumberField("number", entry.number());
          json.writeStringField("name", entry.name());
          json.writeArrayFieldStart("args");
          for (Argument argument : entry.signature().arguments()) {
            write(json, argument, entry);
          }
          json.writeEndArray();
          json.writeStringField("text", call.text.toString());
          outcome.write(json);
          stacks.add(json, stack);
        });
  }

  private static void write(JsonGenerator json, Argument argument, SyscallRecord entry)
      throws IOException {
    int register = argument.register();
    json.writeStartObject();
    json.writeStringField("name", argument.name());
    json.writeStringField("kind", argument.kind().toString());
    json.writeStringField("value", "0x" + Long.toHexString(entry.arg(register)));
    if (entry.string(register).isPresent()) {
      json.writeStringField("string", entry.string(register).get());
    }
    json.writeEndObject();
  }

  @Override
  public void onSignal(SignalStop stop) {
    TraceeTask task = stop.task();
    if (tasks.contains(task) && qualifiers.signals().contains(stop.signal().number())) {
      StringBuilder info = new StringBuilder();
      texts.signal(stop, info);
      write(
          task,
          "signal",
          json -> {
            json.writeStringField("signal", stop.signal().name());
            json.writeStringField("info", info.toString());
            stacks.add(json, stacks.of(stop));
          });
    }
  }

  @Override
  public void onGroupStop(TraceeTask task, Signal signal) {
    if (tasks.contains(task) && qualifiers.signals().contains(signal.number())) {
      write(task, "stop", json -> json.writeStringField("signal", signal.name()));
    }
  }

  @Override
  public void onDetach(TraceeTask task) {
    if (tasks.contains(task)) {
      abandon(task, Status.DETACHED);
      leave(task, "detach", NOTHING_MORE);
    }
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    if (!tasks.contains(task)) {
      return;
    }
    abandon(task, Status.UNFINISHED);
    leave(task, "exit", json -> write(json, status));
  }

  private static void write(JsonGenerator json, ExitStatus status) throws IOException {
    Signal signal = status.signal();
    if (status.supersededBy() != 0) {
      json.writeNumberField("supersededBy", status.supersededBy());
    } else if (signal == null) {
      json.writeNumberField("code", status.code());
    } else {
      json.writeStringField("signal", signal.name());
      json.writeBooleanField("coreDumped", status.coreDumped());
    }
  }

  private void leave(TraceeTask task, String type, Json.Fields fields) {
    write(task, type, fields);
    tasks.remove(task);
    logs.ended(task);
  }
}
