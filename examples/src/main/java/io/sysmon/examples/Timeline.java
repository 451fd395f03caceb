package io.sysmon.examples;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Writes a timeline for ui.perfetto.dev and chrome://tracing, in the Trace Event Format of the
 * latter: a track for each task, a slice for each call, an instant for each signal. Times are
 * microseconds since the trace began. Listens on the tracer's thread; is closed by any.
 */
final class Timeline implements SyscallListener, TraceeListener, AutoCloseable {
  private final ShownCalls calls;
  private final ShownTasks shown;
  private final CallText texts;
  private final LogOutput out;
  private final Map<TraceeTask, Call> current = new HashMap<>();

  /** The tracks that have a name, by task id. */
  private final Set<Integer> named = new HashSet<>();

  private final long origin = System.nanoTime();
  private boolean first = true;
  private boolean closed;

  private record Call(long nanoTime, StringBuilder text, CallText.Begun pending) {}

  Timeline(ShownCalls calls, ShownTasks shown, CallText texts, LogOutput out) {
    this.calls = calls;
    this.shown = shown;
    this.texts = texts;
    this.out = out;
    out.write("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
  }

  @Override
  public Interest interest() {
    return calls.wanted();
  }

  private void event(TraceeTask task, String phase, Json.Fields fields) {
    String event =
        Json.object(
            json -> {
              json.writeStringField("ph", phase);
              json.writeNumberField("pid", task.pid());
              json.writeNumberField("tid", task.tid());
              fields.write(json);
            });
    out.write((first ? "\n" : ",\n") + event);
    first = false;
  }

  private BigDecimal time(long nanoTime) {
    return Json.micros(nanoTime - origin);
  }

  /** Also a second time: by execve a process gets another name. */
  private void name(TraceeTask task) {
    named.add(task.tid());
    String name = command(task);
    name(task, "thread_name", name);
    if (task.tid() == task.pid()) {
      name(task, "process_name", name);
    }
  }

  private void name(TraceeTask task, String what, String name) {
    event(
        task,
        "M",
        json -> {
          json.writeStringField("name", what);
          json.writeObjectFieldStart("args");
          json.writeStringField("name", name);
          json.writeEndObject();
        });
  }

  private static String command(TraceeTask task) {
    try {
      return Files.readString(Path.of("/proc/" + task.tid() + "/comm")).strip();
    } catch (IOException e) {
      return "task";
    }
  }

  private void nameOnce(TraceeTask task) {
    if (!named.contains(task.tid())) {
      name(task);
    }
  }

  @Override
  public void onExec(TraceeTask task, int formerTid) {
    if (shown.isShown(task)) {
      name(task);
    }
  }

  @Override
  public void onEnter(SyscallEnter call) {
    if (shown.isShown(call.task()) && calls.isShown(call)) {
      if (!call.name().startsWith("execve")) {
        // Which gives the task another name than it has, if it succeeds.
        nameOnce(call.task());
      }
      StringBuilder text = new StringBuilder();
      current.put(call.task(), new Call(call.nanoTime(), text, texts.enter(call, text)));
    }
  }

  @Override
  public void onExit(SyscallExit stop) {
    Call call = current.remove(stop.task());
    if (call != null) {
      StringBuilder result = new StringBuilder();
      texts.exit(call.pending, stop, call.text, result);
      slice(stop.task(), call, stop.nanoTime(), result);
    }
  }

  private void slice(TraceeTask task, Call call, long endNanos, CharSequence result) {
    event(
        task,
        "X",
        json -> {
          json.writeNumberField("ts", time(call.nanoTime));
          json.writeNumberField("dur", Json.micros(Math.max(0, endNanos - call.nanoTime)));
          json.writeStringField("name", call.pending.name());
          json.writeStringField("cat", "syscall");
          json.writeObjectFieldStart("args");
          json.writeStringField("call", call.text.toString());
          json.writeStringField("result", result.toString());
          json.writeEndObject();
        });
  }

  @Override
  public void onSignal(SignalStop stop) {
    TraceeTask task = stop.task();
    if (shown.isShown(task)) {
      nameOnce(task);
      StringBuilder info = new StringBuilder();
      texts.signal(stop, info);
      event(
          task,
          "i",
          json -> {
            json.writeNumberField("ts", time(System.nanoTime()));
            json.writeStringField("s", "t");
            json.writeStringField("name", stop.signal().name());
            json.writeStringField("cat", "signal");
            json.writeObjectFieldStart("args");
            json.writeStringField("info", info.toString());
            json.writeEndObject();
          });
    }
  }

  @Override
  public void onDetach(TraceeTask task) {
    ended(task, "detached");
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    ended(task, status.toString());
  }

  private void ended(TraceeTask task, String how) {
    Call call = current.remove(task);
    if (call != null) {
      slice(task, call, System.nanoTime(), "? (" + how + ")");
    }
    named.remove(task.tid());
  }

  /** Completes the file. May be repeated. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      out.write("\n]}\n");
      out.close();
    }
  }
}
