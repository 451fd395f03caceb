package io.sysmon.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sysmon.SignalStop;
import io.sysmon.SyscallStop;
import io.sysmon.TraceException;
import io.sysmon.stack.StackFrame;
import io.sysmon.stack.Unwinder;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The stacks behind calls and signals, {@code -k}. Tracer thread only. */
final class Stacks {
  /** What they return to, if they return, is not where they were called. */
  private static final Set<String> AT_ENTRY = Set.of("execve", "execveat", "exit", "exit_group");

  private final @Nullable Unwinder unwinder;

  /**
   * Stacks.
   *
   * @param unwinder listens to the tracer too; null when no stacks are wanted
   */
  Stacks(@Nullable Unwinder unwinder) {
    this.unwinder = unwinder;
  }

  /** At the entry of a call: empty when it is the exit where they are to be looked at. */
  List<StackFrame> atEntry(SyscallStop call) {
    return AT_ENTRY.contains(call.name()) ? of(call) : List.of();
  }

  /**
   * At the exit of a call.
   *
   * @param atEntry what {@link #atEntry} has found
   */
  List<StackFrame> atExit(SyscallStop call, List<StackFrame> atEntry) {
    return atEntry.isEmpty() ? of(call) : atEntry;
  }

  private List<StackFrame> of(SyscallStop call) {
    return unwinder == null ? List.of() : unlessGone(() -> unwinder.frames(call));
  }

  List<StackFrame> of(SignalStop stop) {
    return unwinder == null ? List.of() : unlessGone(() -> unwinder.frames(stop));
  }

  /** Of a task that was killed meanwhile, or that must not be read, there are none. */
  private static List<StackFrame> unlessGone(Supplier<List<StackFrame>> frames) {
    try {
      return frames.get();
    } catch (TraceException e) {
      return List.of();
    }
  }

  /** Prints a line for each frame, as strace(1) does, up to the first that is of no file. */
  static void print(List<StackFrame> frames, Consumer<String> out) {
    for (StackFrame frame : frames) {
      if (frame.module() == null) {
        out.accept(" > unexpected_backtracing_error " + frame);
        return;
      }
      out.accept(" > " + frame);
    }
    if (frames.size() == Unwinder.MOST_FRAMES) {
      out.accept(" > too many stack frames");
    }
  }

  /** Adds a list of objects, if stacks are wanted. */
  void add(JsonGenerator json, List<StackFrame> frames) throws IOException {
    if (unwinder == null) {
      return;
    }
    json.writeArrayFieldStart("stack");
    for (StackFrame frame : frames) {
      json.writeStartObject();
      json.writeStringField("address", "0x" + Long.toHexString(frame.address()));
      if (frame.module() != null) {
        json.writeStringField("module", frame.module());
        json.writeNumberField("offset", frame.offset());
      }
      if (frame.symbol() != null) {
        json.writeStringField("symbol", frame.symbol());
        json.writeNumberField("symbolOffset", frame.symbolOffset());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
