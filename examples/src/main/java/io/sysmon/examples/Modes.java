package io.sysmon.examples;

import io.sysmon.Abi;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeTask;
import java.util.HashMap;
import java.util.Map;

/** Of which ABI the calls of each task are, as strace(1) says it when that changes. */
final class Modes {
  /** What strace takes for granted. */
  private static final String NATIVE = "64 bit";

  private final Map<TraceeTask, String> modes = new HashMap<>();

  /** Begins a child in its parent's mode. */
  void forked(TraceeTask parent, TraceeTask child) {
    modes.put(child, modes.getOrDefault(parent, NATIVE));
  }

  /** Forgets a task. */
  void ended(TraceeTask task) {
    modes.remove(task);
  }

  /** The line that is to be printed before a call; empty when the mode is that of the last one. */
  String lineBefore(SyscallStop call) {
    String mode = mode(call.abi());
    String last = modes.put(call.task(), mode);
    return mode.equals(last == null ? NATIVE : last)
        ? ""
        : "[ Process PID=" + call.tid() + " runs in " + mode + " mode. ]";
  }

  private static String mode(Abi abi) {
    if (abi.name().equals("x32")) {
      return "x32";
    }
    return abi.wordSize() == Integer.BYTES ? "32 bit" : NATIVE;
  }
}
