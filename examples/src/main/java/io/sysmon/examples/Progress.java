package io.sysmon.examples;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Says once a second on a terminal how the trace goes on that is written elsewhere. Counts on the
 * tracer's thread, and writes on one of its own.
 */
final class Progress implements SyscallListener, TraceeListener, AutoCloseable {
  private static final Pattern TERMINAL = Pattern.compile("/dev/(pts/\\d+|tty\\w*|console)");
  private static final long PERIOD_MILLIS = 1_000;

  /** To the line's beginning, and its rest erased (ECMA-48 EL). */
  private static final String NEW_LINE = "\r\033[K";

  private final ShownCalls calls;
  private final ShownTasks shown;
  private final Consumer<String> out;
  private final LongAdder count = new LongAdder();
  private final AtomicInteger tasks = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "sysmon-progress");

  /**
   * Nothing is written before {@link #start}.
   *
   * @param out writes to the terminal
   */
  Progress(ShownCalls calls, ShownTasks shown, Consumer<String> out) {
    this.calls = calls;
    this.shown = shown;
    this.out = out;
  }

  /** Whether standard error is a terminal. */
  static boolean isPossible() {
    try {
      Path link = Files.readSymbolicLink(Path.of("/proc/self/fd/2"));
      return TERMINAL.matcher(link.toString()).matches();
    } catch (IOException e) {
      return false;
    }
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    long last = 0;
    try {
      while (!closed.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS)) {
        long now = count.sum();
        out.accept(NEW_LINE + line(now - last, tasks.get()));
        last = now;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    out.accept(NEW_LINE);
  }

  /** What is said. Nothing can be dropped: a task waits until its stop is written down. */
  static String line(long callsPerSecond, int tasks) {
    return "sysmon: "
        + callsPerSecond
        + (callsPerSecond == 1 ? " call/s, " : " calls/s, ")
        + tasks
        + (tasks == 1 ? " task" : " tasks")
        + ", dropped 0";
  }

  @Override
  public Interest interest() {
    return calls.wanted();
  }

  @Override
  public void onExit(SyscallExit call) {
    if (shown.isShown(call.task()) && calls.isShown(call)) {
      count.increment();
    }
  }

  @Override
  public void onStart(TraceeTask task) {
    tasks.incrementAndGet();
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    tasks.decrementAndGet();
  }

  @Override
  public void onDetach(TraceeTask task) {
    tasks.decrementAndGet();
  }

  /** Takes the line away. */
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
