package io.sysmon.examples.monitor;

import io.sysmon.TraceeHandle;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.EventKind;
import io.sysmon.monitor.LoadWatch;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp.Capability;

/**
 * A table like that of top(1): who is busy, and which files are written. Where there is no terminal
 * one table is written below the other.
 */
final class TopTable implements Display {
  private static final int ROWS_OF_A_FILE = 24;
  private static final int COLUMNS_OF_A_FILE = 100;
  private static final int MOST_NAMES = 10_000;

  private final Terminal terminal;
  private final PrintWriter out;
  private final boolean redraws;

  /** Held by who asks, as long as the question has to be seen. */
  private final Lock screen;

  /** Guarded by this, as all counts. */
  private final Map<String, Long> programs = new HashMap<>();

  private final Map<String, Long> files = new HashMap<>();
  private long events;
  private long shownEvents;
  private long forgotten;
  private String message = "";

  private TopTable(Terminal terminal, PrintWriter out, Lock screen) {
    this.terminal = terminal;
    this.screen = screen;
    redraws = !terminal.getType().startsWith(Terminal.TYPE_DUMB);
    this.out = redraws ? terminal.writer() : out;
  }

  static TopTable open(PrintWriter out, Lock screen) throws IOException {
    return new TopTable(
        TerminalBuilder.builder()
            .system(true)
            .dumb(true)
            .provider(TerminalBuilder.PROP_PROVIDER_EXEC)
            // Ctrl-C has to end the monitor.
            .nativeSignals(false)
            .build(),
        out,
        screen);
  }

  @Override
  public synchronized void count(Event event) {
    events++;
    add(programs, event.actor().program());
    if (event.kind() == EventKind.FILE_WRITE || event.kind() == EventKind.FILE_MODIFIED) {
      add(files, event.text("path"));
    }
  }

  /** Not more names than fit: the others are counted together. */
  private void add(Map<String, Long> counts, String name) {
    if (counts.containsKey(name) || counts.size() < MOST_NAMES) {
      counts.merge(name, 1L, Long::sum);
    } else {
      forgotten++;
    }
  }

  @Override
  public synchronized void say(String newMessage) {
    message = newMessage;
  }

  @Override
  public void show(List<TraceeHandle> processes, List<LoadWatch.Load> loads) {
    if (screen.tryLock()) {
      try {
        draw(processes, loads);
      } finally {
        screen.unlock();
      }
    }
  }

  private void draw(List<TraceeHandle> processes, List<LoadWatch.Load> loads) {
    int rows = redraws ? Math.max(10, terminal.getHeight()) : ROWS_OF_A_FILE;
    int columns = redraws ? Math.max(40, terminal.getWidth()) : COLUMNS_OF_A_FILE;
    List<String> lines = lines(processes, loads, (rows - 7) / 3);
    if (redraws) {
      terminal.puts(Capability.clear_screen);
    }
    lines.forEach(line -> out.println(line.length() > columns ? line.substring(0, columns) : line));
    if (!redraws) {
      out.println();
    }
    out.flush();
  }

  private synchronized List<String> lines(
      List<TraceeHandle> processes, List<LoadWatch.Load> loads, int rows) {
    List<String> lines = new ArrayList<>();
    long tasks = processes.stream().mapToLong(process -> process.tasks().size()).sum();
    double stops = loads.stream().mapToDouble(LoadWatch.Load::stopsPerSecond).sum();
    lines.add(
        String.format(
            Locale.ROOT,
            "%d processes, %d threads, %d events (%d new), %.0f stops/s%s",
            processes.size(),
            tasks,
            events,
            events - shownEvents,
            stops,
            forgotten == 0 ? "" : ", " + forgotten + " of names not listed"));
    shownEvents = events;
    lines.add(String.format(Locale.ROOT, "%8s %10s %7s", "PID", "STOPS/S", "SLOWED"));
    loads.stream()
        .limit(rows)
        .map(
            load ->
                String.format(
                    Locale.ROOT,
                    "%8d %10.0f %6.1f%%",
                    load.process().pid(),
                    load.stopsPerSecond(),
                    100 * load.share()))
        .forEach(lines::add);
    lines.add(String.format(Locale.ROOT, "%8s  %s", "EVENTS", "PROGRAM"));
    lines.addAll(most(programs, rows));
    lines.add(String.format(Locale.ROOT, "%8s  %s", "WRITES", "FILE"));
    lines.addAll(most(files, rows));
    if (!message.isEmpty()) {
      lines.add(message);
    }
    return lines;
  }

  private static List<String> most(Map<String, Long> counts, int rows) {
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(rows)
        .map(entry -> String.format(Locale.ROOT, "%8d  %s", entry.getValue(), entry.getKey()))
        .toList();
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
