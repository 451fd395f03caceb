package io.sysmon.examples.monitor;

import io.sysmon.TraceeHandle;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.LoadWatch;
import java.util.List;

/** Shows what happens, again and again. */
interface Display extends AutoCloseable {
  /** Takes an event. Another thread than the one that shows. */
  void count(Event event);

  /** Takes a message, to be shown until there is another one. Any thread. */
  void say(String message);

  /** Waits for nothing: while a question is open nothing is shown. */
  void show(List<TraceeHandle> processes, List<LoadWatch.Load> loads);

  @Override
  void close();
}
