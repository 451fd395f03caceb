package io.sysmon.tests.monitor;

import io.sysmon.Tracer;
import io.sysmon.monitor.Asker;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.EventKind;
import io.sysmon.monitor.Monitor;
import io.sysmon.monitor.Policy;
import io.sysmon.tests.support.Outcome;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A program that was run under a monitor, and what was told of it. */
record Monitored(Outcome outcome, List<Event> events) {
  static Monitored run(String policy, String... command) {
    return run(policy, question -> false, command);
  }

  static Monitored run(String policy, Asker asker, String... command) {
    List<Event> events = new CopyOnWriteArrayList<>();
    try (Monitor monitor = Monitor.of(Policy.parse(policy), events::add, asker);
        Tracer tracer = Tracer.builder().listener(monitor).build()) {
      return new Monitored(Outcome.traced(tracer, new ProcessBuilder(command)), events);
    }
  }

  static Monitored shell(String policy, String script) {
    return run(policy, "/bin/sh", "-c", script);
  }

  /** A detail of each event of a kind. */
  List<String> all(EventKind kind, String detail) {
    return events.stream()
        .filter(event -> event.kind() == kind)
        .map(event -> event.text(detail))
        .toList();
  }
}
