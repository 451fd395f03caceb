package io.sysmon.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a child process, zombie, traced task, {@code sysmon-*} thread or file
 * descriptor behind. Registered for every test of this module (junit-platform.properties).
 *
 * <p>Whatever was there before the test is none of its business; what it leaves has a moment to go
 * away, because the JDK reaps its own children on a thread of its own.
 */
public final class NothingLeaks implements BeforeEachCallback, AfterEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(NothingLeaks.class);
  private static final Duration TIME_TO_SETTLE = Duration.ofSeconds(2);
  private static final long POLL_MILLIS = 5;

  /** Created by JUnit. */
  public NothingLeaks() {}

  static {
    // With the first socket that it closes the JVM opens one of its own, and keeps it.
    try {
      new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put(context.getUniqueId(), watch());
  }

  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    Watch watch = context.getStore(NAMESPACE).get(context.getUniqueId(), Watch.class);
    List<String> left = watch.leftAfter(TIME_TO_SETTLE);
    if (!left.isEmpty()) {
      throw new AssertionError("The test left behind:\n  " + String.join("\n  ", left));
    }
  }

  /** Remembers what this JVM has now. */
  public static Watch watch() {
    return new Watch(Snapshot.take());
  }

  /** Tells what has been added since {@link #watch()}. */
  public static final class Watch {
    private final Snapshot before;

    private Watch(Snapshot before) {
      this.before = before;
    }

    /** What is still there when the time is over; empty as soon as nothing is. */
    public List<String> leftAfter(Duration time) throws InterruptedException {
      long deadline = System.nanoTime() + time.toNanos();
      List<String> left = Snapshot.take().beyond(before);
      while (!left.isEmpty() && System.nanoTime() < deadline) {
        Thread.sleep(POLL_MILLIS);
        left = Snapshot.take().beyond(before);
      }
      return left;
    }
  }

  /**
   * What this JVM has at one moment.
   *
   * @param descriptors the targets of the open descriptors, each with how many there are
   */
  private record Snapshot(
      Set<Tasks.Task> tasks, Set<Thread> threads, Map<String, Long> descriptors) {
    static Snapshot take() {
      return new Snapshot(
          Tasks.ours(),
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith("sysmon-"))
              .collect(Collectors.toSet()),
          openDescriptors());
    }

    private static Map<String, Long> openDescriptors() {
      Path directory = Path.of("/proc/self/fd");
      Map<String, Long> open = new TreeMap<>();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        for (Path entry : entries) {
          String target = target(entry);
          if (!target.isEmpty() && !opensLazily(target)) {
            open.merge(target, 1L, Long::sum);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return open;
    }

    /** Empty when it was closed meanwhile. */
    private static String target(Path entry) {
      try {
        return Files.readSymbolicLink(entry).toString();
      } catch (IOException e) {
        return "";
      }
    }

    /**
     * What the JVM opens when it first needs it and keeps: jars of the class path, its own files,
     * random numbers. And the directory that is being listed here.
     */
    private static boolean opensLazily(String target) {
      return target.endsWith(".jar")
          || target.startsWith(System.getProperty("java.home") + "/")
          || target.equals("/dev/random")
          || target.equals("/dev/urandom")
          || target.equals("/proc/" + ProcessHandle.current().pid() + "/fd");
    }

    List<String> beyond(Snapshot before) {
      List<String> more = new ArrayList<>();
      Set<String> known = before.tasks.stream().map(Snapshot::identity).collect(Collectors.toSet());
      for (Tasks.Task task : tasks) {
        if (!known.contains(identity(task))) {
          more.add("task " + task);
        }
      }
      for (Thread thread : threads) {
        if (!before.threads.contains(thread)) {
          more.add("thread " + thread.getName() + " at " + List.of(thread.getStackTrace()));
        }
      }
      descriptors.forEach(
          (target, count) -> {
            long additional = count - before.descriptors.getOrDefault(target, 0L);
            if (additional > 0) {
              more.add(additional + " open descriptor(s) of " + target);
            }
          });
      return more;
    }

    private static String identity(Tasks.Task task) {
      return task.tid() + " since " + task.startTime();
    }
  }
}
