package io.sysmon.tests.support;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Turns "it does not end" into a failure that says what was where. */
public final class Hang {
  private Hang() {}

  /** The failure for a process that did not end in time; the process is killed. */
  public static AssertionError of(String what, Duration limit, int pid) {
    String report =
        what + " did not end within " + limit + ".\n" + Tasks.describe(pid) + "\n" + threads();
    ProcessHandle.of(pid)
        .ifPresent(
            process -> {
              process.descendants().forEach(ProcessHandle::destroyForcibly);
              process.destroyForcibly();
            });
    return new AssertionError(report);
  }

  /** The stacks of all threads of this JVM. */
  public static String threads() {
    StringBuilder text = new StringBuilder();
    Map<String, Thread> byName = new TreeMap<>();
    Map<Thread, StackTraceElement[]> stacks = Thread.getAllStackTraces();
    stacks.keySet().forEach(thread -> byName.put(thread.getName(), thread));
    byName.forEach(
        (name, thread) -> {
          text.append('"').append(name).append("\" ").append(thread.getState()).append('\n');
          Arrays.stream(stacks.get(thread))
              .forEach(frame -> text.append("    at ").append(frame).append('\n'));
        });
    return text.toString();
  }
}
