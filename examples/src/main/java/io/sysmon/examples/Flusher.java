package io.sysmon.examples;

import java.util.ArrayList;
import java.util.List;

/**
 * Flushes outputs now and then, so that whoever looks at a file sees what a program that is silent
 * now did last. Any thread.
 */
final class Flusher implements AutoCloseable {
  private static final long PERIOD_MILLIS = 250;

  private final List<LogOutput> outputs = new ArrayList<>();
  private boolean running;
  private boolean closed;

  /** Takes an output in, which the caller closes. */
  synchronized void add(LogOutput output) {
    outputs.add(output);
    if (!running) {
      running = true;
      Thread thread = new Thread(this::run, "sysmon-flusher");
      thread.setDaemon(true);
      thread.start();
    }
  }

  synchronized void remove(LogOutput output) {
    outputs.remove(output);
  }

  /** Stops and flushes. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
    outputs.forEach(LogOutput::flush);
  }

  private synchronized void run() {
    try {
      while (!closed) {
        wait(PERIOD_MILLIS);
        outputs.forEach(LogOutput::flush);
      }
    } catch (InterruptedException e) {
      // Somebody wants this thread to end; close() flushes all the same.
      Thread.currentThread().interrupt();
    }
  }
}
