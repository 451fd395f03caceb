package io.sysmon.monitor;

import io.sysmon.ProcessInfo;
import java.util.List;

/** What is told of a program that begins. */
final class Programs {
  private Programs() {}

  static List<String> arguments(int pid) {
    return ProcessInfo.of(pid).map(ProcessInfo::commandLine).orElse(List.of());
  }

  /** Of a process that may not be traced. */
  static String nameOf(int pid) {
    return ProcessInfo.of(pid)
        .map(process -> process.executable().orElse(process.name()))
        .orElse("");
  }
}
