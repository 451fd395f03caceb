package io.sysmon.tests.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.ProcessInfo;
import io.sysmon.tests.support.Stranger;
import io.sysmon.tests.support.Tasks;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** {@code system.c}: processes that wait or work, in a process group of their own. */
final class SystemGuest implements AutoCloseable {
  private static final Pattern BLANK = Pattern.compile(" ");

  private final Stranger root;
  private final int threads;
  private final int workers;

  SystemGuest(int processes, int threads, int workers) {
    this.threads = threads;
    this.workers = workers;
    root = Stranger.guest("system", processes, threads, workers);
    assertEquals("ready", root.line());
  }

  /** All of the guest, but for the one that the others are children of. */
  Predicate<ProcessInfo> members() {
    return process -> process.parentPid() == root.pid();
  }

  List<Integer> pids() {
    return BLANK.splitAsStream(root.ask("pids").trim()).map(Integer::valueOf).toList();
  }

  int workers() {
    return workers;
  }

  /** Each worker makes so many calls. */
  void work(int calls) {
    Long.parseLong(root.ask("work " + calls));
  }

  /** The same, but does not wait until they are made. */
  void start(int calls) {
    assertEquals("started", root.ask("start " + calls));
  }

  /** All who wait are woken, and no wait has ever ended otherwise. */
  void assertUnharmed() {
    assertEquals((threads - workers) + " awake, 0 wrong", root.ask("check"));
  }

  void assertUntraced() {
    for (int pid : pids()) {
      Tasks.tasksOf(pid).forEach(task -> assertEquals(0, task.tracer(), task::toString));
    }
  }

  @Override
  public void close() {
    root.close();
  }
}
