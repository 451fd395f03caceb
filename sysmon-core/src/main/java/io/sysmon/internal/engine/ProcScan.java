package io.sysmon.internal.engine;

import io.sysmon.ProcessInfo;
import io.sysmon.SystemTrace;
import io.sysmon.internal.sys.ProcessEvents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Lists {@code /proc} again and again, and tells what is new. */
final class ProcScan implements Finder {
  private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** So that it takes at most a twentieth of a CPU. */
  private static final int PAUSES = 19;

  private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** What was seen of a process at the last look. */
  private record Seen(ProcessInfo process, Optional<String> executable) {}

  private Map<Integer, Seen> known = new HashMap<>();
  private long next;

  @Override
  public SystemTrace.Discovery kind() {
    return SystemTrace.Discovery.SCANNING;
  }

  @Override
  public void await(ProcessEvents.Receiver receiver) {
    long begun = System.nanoTime();
    if (begun < next) {
      LockSupport.parkNanos(Math.min(MOMENT_NANOS, next - begun));
      return;
    }
    look(receiver);
    long end = System.nanoTime();
    next = end + Math.max(SHORTEST_NANOS, PAUSES * (end - begun));
  }

  private void look(ProcessEvents.Receiver receiver) {
    Map<Integer, Seen> now = new HashMap<>();
    for (int pid : processes()) {
      ProcessInfo.of(pid)
          .ifPresent(
              process -> {
                Seen seen = new Seen(process, process.executable());
                now.put(pid, seen);
                tell(known.get(pid), seen, receiver);
              });
    }
    known.keySet().stream().filter(pid -> !now.containsKey(pid)).forEach(receiver::exited);
    known = now;
  }

  private static void tell(@Nullable Seen before, Seen now, ProcessEvents.Receiver receiver) {
    int pid = now.process.pid();
    if (before == null) {
      receiver.forked(pid);
    } else if (!before.process.equals(now.process)) {
      receiver.exited(pid);
      receiver.forked(pid);
    } else if (!before.executable.equals(now.executable)) {
      receiver.executed(pid);
    }
  }

  /** All that {@code /proc} shows. */
  static List<Integer> processes() {
    List<Integer> pids = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      all.forEach(directory -> pids.add(Integer.valueOf(directory.getFileName().toString())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (DirectoryIteratorException e) {
      throw new UncheckedIOException(e.getCause());
    }
    return pids;
  }

  @Override
  public void close() {}
}
