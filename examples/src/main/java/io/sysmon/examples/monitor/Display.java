package io.sysmon.examples.monitor;

import io.sysmon.TraceeHandle;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.LoadWatch;
import java.util.List;

/** Shows what happens, again and again. */
interface Display extends AutoCloseable {
  /** Takes an event. Another thread than the one that shows. */
  void count(Event event);

  void show(List<TraceeHandle> processes, List<LoadWatch.Load> loads);

  @Override
  void close();
}
