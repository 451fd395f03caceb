package io.sysmon.junit5;

import io.sysmon.BadAddressException;
import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallRecord;
import io.sysmon.SyscallStop;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeMemory.Iovec;
import io.sysmon.TraceeTask;
import io.sysmon.decode.Argument;
import io.sysmon.decode.Constant;
import io.sysmon.decode.Flags;
import io.sysmon.decode.FormatOptions;
import io.sysmon.decode.MemoryReader;
import io.sysmon.decode.OpenHow;
import io.sysmon.decode.PendingCall;
import io.sysmon.decode.SockAddr;
import io.sysmon.decode.SyscallFormatter;
import io.sysmon.fault.CallPaths;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps the calls that a run makes. The tracer's thread writes, and any may read. */
final class CallRecorder implements SyscallListener, TraceeListener {
  private static final int ARGUMENTS = 6;

  /** A call that has not returned. */
  private record Begun(RecordedCall call, PendingCall pending, StringBuilder text) {}

  private final Interest interest;
  private final SyscallFormatter formatter = new SyscallFormatter(FormatOptions.DEFAULT);
  private final Map<TraceeTask, Begun> begun = new HashMap<>();
  private final List<RecordedCall> calls = new ArrayList<>();

  CallRecorder(Interest interest) {
    this.interest = interest;
  }

  /** What was recorded, in the order in which calls ended. */
  synchronized List<RecordedCall> calls() {
    return List.copyOf(calls);
  }

  @Override
  public Interest interest() {
    return MultiplexedCalls.with(interest);
  }

  @Override
  public synchronized void onEnter(SyscallEnter call) {
    if (!MultiplexedCalls.isWanted(interest, call)) {
      return;
    }
    long[] arguments = new long[ARGUMENTS];
    for (int i = 0; i < ARGUMENTS; i++) {
      arguments[i] = call.arg(i);
    }
    StringBuilder text = new StringBuilder();
    PendingCall pending =
        formatter.enter(call.signature(), arguments, call.stackPointer(), memory(call), text);
    CallPaths paths = new CallPaths(call);
    String name = call.meant().name();
    RecordedCall recorded =
        new RecordedCall(
            call.snapshot(),
            name,
            text.toString(),
            paths.named(),
            paths.described(),
            name.equals("connect") ? call.argument("addr").find(SockAddr.class) : Optional.empty(),
            name.equals("socket") ? call.argument("domain").find(Constant.class) : Optional.empty(),
            openFlags(call),
            strings(call, "argv"),
            strings(call, "envp"),
            Optional.empty());
    begun.put(call.task(), new Begun(recorded, pending, text));
  }

  private static Optional<Flags> openFlags(SyscallEnter call) {
    return switch (call.name()) {
      case "open", "openat" -> call.argument("flags").find(Flags.class);
      case "openat2" -> {
        try {
          yield call.argument("how").find(OpenHow.class).map(OpenHow::flags);
        } catch (BadAddressException | TracePermissionException e) {
          // The kernel answers with EFAULT, or the program is not to be read.
          yield Optional.empty();
        }
      }
      default -> Optional.empty();
    };
  }

  private static MemoryReader memory(SyscallStop call) {
    return (address, into, offset, length) -> {
      try {
        return call.memory().read(address, into, offset, length);
      } catch (TraceeDiedException | TracePermissionException e) {
        return 0;
      }
    };
  }

  private static List<String> strings(SyscallStop call, String kind) {
    for (Argument argument : call.signature().arguments()) {
      if (argument.kind().name().equals(kind)) {
        try {
          return call.strings(argument.register());
        } catch (BadAddressException | TracePermissionException e) {
          // The kernel answers with EFAULT, or the program is not to be read.
          return List.of();
        }
      }
    }
    return List.of();
  }

  @Override
  public synchronized void onExit(SyscallExit call) {
    Begun entry = begun.get(call.task());
    if (entry == null) {
      return;
    }
    // Of a process that was killed meanwhile this throws, and the call stays one that has begun.
    SyscallRecord ended = call.snapshot();
    StringBuilder text = new StringBuilder(entry.text);
    StringBuilder result = new StringBuilder();
    MemoryReader memory = memory(call);
    formatter.exit(entry.pending, call.result(), memory, text);
    formatter.result(entry.pending, call.result(), memory, result);
    calls.add(entry.call.ended(ended, text.append(" = ").append(result).toString(), written(call)));
    begun.remove(call.task());
  }

  private static Optional<RecordedCall.Bytes> written(SyscallExit call) {
    List<Argument> arguments = call.signature().arguments();
    for (int i = 0; i + 1 < arguments.size() && call.result() > 0 && !call.failed(); i++) {
      String kind = arguments.get(i).kind().name();
      long address = call.arg(arguments.get(i).register());
      long length = call.arg(arguments.get(i + 1).register());
      if (kind.equals("buf_in")) {
        return bytes(call, List.of(new Iovec(address, length)));
      }
      if (kind.equals("in") && arguments.get(i).kind().type().equals("iovec")) {
        return bytes(call, call.memory().readIovec(address, (int) length));
      }
    }
    return Optional.empty();
  }

  private static Optional<RecordedCall.Bytes> bytes(SyscallExit call, List<Iovec> buffers) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long left = call.result();
    for (Iovec buffer : buffers) {
      int here = (int) Math.min(left, buffer.length());
      bytes.writeBytes(call.memory().read(buffer.address(), here));
      left -= here;
    }
    return Optional.of(new RecordedCall.Bytes(bytes.toString(StandardCharsets.ISO_8859_1)));
  }

  @Override
  public synchronized void onExit(TraceeTask task, ExitStatus status) {
    abandon(task);
  }

  @Override
  public synchronized void onDetach(TraceeTask task) {
    abandon(task);
  }

  /** A call that never returns, such as exit_group, or whose process was killed. */
  private void abandon(TraceeTask task) {
    Begun entry = begun.remove(task);
    if (entry != null) {
      String line = entry.text.append(" <unfinished ...>").toString();
      calls.add(entry.call.ended(entry.call.call(), line, Optional.empty()));
    }
  }
}
