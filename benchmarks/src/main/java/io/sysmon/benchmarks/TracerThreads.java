package io.sysmon.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The threads on which the tracers of this JVM wait for their tracees. */
final class TracerThreads {
  private static final String NAME = "sysmon-tracer-";

  private TracerThreads() {}

  /** Binds them to the CPU on which {@code pin.c} runs a command. */
  static void pin(Tools tools) throws IOException, InterruptedException {
    try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        if (Files.readString(task.resolve("comm")).startsWith(NAME)) {
          String tid = task.getFileName().toString();
          Commands.output(List.of(tools.guest("pin"), "-t", tid));
        }
      }
    }
  }

  /** Their ids in Java. */
  static List<Long> ids() {
    List<Long> ids = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith(NAME)) {
        ids.add(thread.getId());
      }
    }
    return ids;
  }
}
