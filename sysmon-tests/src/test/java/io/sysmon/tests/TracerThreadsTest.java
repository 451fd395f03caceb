package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Stranger;
import java.io.BufferedReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Processes that are spread over several threads of a tracer. */
class TracerThreadsTest {
  private static final ProcessBuilder SLEEP = new ProcessBuilder("/bin/sleep", "1000");

  /** Counts calls, and on which threads it is told of which process. */
  private static final class Counter implements SyscallListener, TraceeListener {
    private final Map<Integer, Integer> calls = new ConcurrentHashMap<>();
    private final Map<Integer, Set<String>> threads = new ConcurrentHashMap<>();

    /** On which thread it was told of a child. */
    private final Map<Integer, String> children = new ConcurrentHashMap<>();

    @Override
    public Interest interest() {
      return Interest.enter("getppid");
    }

    @Override
    public void onEnter(SyscallEnter call) {
      calls.merge(call.task().pid(), 1, Integer::sum);
      on(call.task());
    }

    @Override
    public void onStart(TraceeTask task) {
      on(task);
      assertEquals(
          children.getOrDefault(task.pid(), Thread.currentThread().getName()),
          Thread.currentThread().getName());
    }

    @Override
    public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
      on(parent);
      children.put(child.pid(), Thread.currentThread().getName());
    }

    @Override
    public void onExec(TraceeTask task, int formerTid) {
      on(task);
    }

    private void on(TraceeTask task) {
      threads
          .computeIfAbsent(task.pid(), pid -> ConcurrentHashMap.newKeySet())
          .add(Thread.currentThread().getName());
    }

    Set<String> threadsOf(List<TraceeHandle> processes) {
      Set<String> all = new HashSet<>();
      processes.forEach(process -> all.addAll(threads.getOrDefault(process.pid(), Set.of())));
      return all;
    }
  }

  private static ProcessBuilder loop(int calls) {
    return new ProcessBuilder(Guest.compile("loop").toString(), "" + calls);
  }

  private static long tracerThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("sysmon-tracer-"))
        .count();
  }

  @Test
  void noCallIsMissedOrToldTwice() throws Exception {
    Counter counter = new Counter();
    try (Tracer tracer = Tracer.builder().tracerThreads(3).listener(counter).build()) {
      List<TraceeHandle> guests = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        guests.add(tracer.launch(loop(2000)));
      }
      tracer.awaitTracees();
      for (TraceeHandle guest : guests) {
        assertEquals(0, guest.exitStatus().code());
        assertEquals(2000, counter.calls.get(guest.pid()));
      }
      assertEquals(0, tracer.tracees().size());
    }
    assertEquals(0, tracerThreads());
  }

  @Test
  void aChildBeginsOnItsParentsThread() throws Exception {
    Counter counter = new Counter();
    try (Tracer tracer = Tracer.builder().tracerThreads(2).listener(counter).build()) {
      String script = "for i in 1 2 3 4 5; do (true; sh -c true) & done; wait";
      List<TraceeHandle> shells = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        shells.add(tracer.launch(new ProcessBuilder("sh", "-c", script)));
      }
      tracer.awaitTracees();
      assertEquals(2, counter.threadsOf(shells).size());
      for (TraceeHandle shell : shells) {
        assertEquals(0, shell.waitFor());
      }
      assertEquals(2 * 5, counter.children.size());
    }
  }

  @Test
  void aThreadWhoseListIsFullIsGivenNoFurtherTree() throws Exception {
    Counter counter = new Counter();
    int cpus = Runtime.getRuntime().availableProcessors();
    try (Tracer tracer = Tracer.builder().tracerThreadsAsNeeded().listener(counter).build()) {
      assertEquals(1, tracerThreads());
      for (int i = 0; i < 64 * cpus + 1; i++) {
        tracer.launch(SLEEP);
      }
      assertEquals(cpus + 1, tracerThreads());
      assertEquals(cpus + 1, counter.threadsOf(tracer.tracees()).size());
      assertFalse(tracer.awaitTracees(Duration.ofMillis(10)));
    }
    assertEquals(0, tracerThreads());
  }

  private static void await(Tracer tracer, Predicate<String> diagnosis) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!diagnosis.test(tracer.diagnose())) {
      assertTrue(System.nanoTime() < deadline, tracer::diagnose);
      Thread.onSpinWait();
    }
  }

  /** The greatest number of tasks that a thread has. */
  private static int mostTasks(String diagnosis) {
    return Pattern.compile("; (\\d+) tasks")
        .matcher(diagnosis)
        .results()
        .mapToInt(found -> Integer.parseInt(found.group(1)))
        .max()
        .orElseThrow();
  }

  @Test
  void aTreeThatGrowsIsSpreadOverFurtherThreads() throws Exception {
    Counter counter = new Counter();
    try (Tracer tracer = Tracer.builder().tracerThreadsAsNeeded().listener(counter).build()) {
      TraceeHandle shell =
          tracer.launch(
              new ProcessBuilder(
                  "sh", "-c", "for i in $(seq 200); do sleep 1000 & done; echo all; wait"));
      try (BufferedReader output = shell.process().inputReader()) {
        assertEquals("all", output.readLine());
        await(tracer, diagnosis -> mostTasks(diagnosis) <= 64);
      }
      assertEquals(201, tracer.tracees().size());
      assertTrue(tracerThreads() >= 4);
      assertTrue(tracer.diagnose().contains("too many tasks"), tracer::diagnose);
    }
    assertEquals(0, tracerThreads());
  }

  @Test
  void aBusyThreadGivesAProcessToAnIdleOne() throws Exception {
    Counter counter = new Counter();
    try (Tracer tracer = Tracer.builder().tracerThreads(2).listener(counter).build()) {
      String busy = Guest.compile("busy", "-pthread") + " calls";
      TraceeHandle shell =
          tracer.launch(new ProcessBuilder("sh", "-c", busy + " & " + busy + " & wait"));
      await(
          tracer,
          diagnosis ->
              diagnosis.contains(", too busy")
                  && counter.children.keySet().stream()
                      .anyMatch(pid -> counter.threads.get(pid).size() == 2));
      shell.kill();
    }
  }

  @Test
  void oneThreadIsUsedUnlessMoreAreAskedFor() throws Exception {
    Counter counter = new Counter();
    try (Tracer tracer = Tracer.builder().listener(counter).build()) {
      for (int i = 0; i < 5; i++) {
        tracer.launch(SLEEP);
      }
      assertEquals(1, tracerThreads());
    }
    assertThrows(IllegalArgumentException.class, () -> Tracer.builder().tracerThreads(0));
  }

  @Test
  void aProcessOfAnotherThreadIsNotAttachedAgain() throws Exception {
    try (Stranger guest = Stranger.program(SLEEP);
        Tracer tracer = Tracer.builder().tracerThreads(4).build()) {
      TraceeHandle attached = tracer.attach(guest.pid());
      for (int i = 0; i < 4; i++) {
        tracer.launch(SLEEP);
        assertThrows(IllegalTraceeStateException.class, () -> tracer.attach(guest.pid()));
      }
      attached.detach();
      assertTrue(tracer.attach(guest.pid()).isTraced());
    }
  }

  @Test
  void aCallbackIsRefusedWhatWouldWaitForAnotherThread() throws Exception {
    CompletableFuture<TraceeHandle> other = new CompletableFuture<>();
    CompletableFuture<String> refusals = new CompletableFuture<>();
    SyscallListener meddler =
        SyscallListener.onEnter(
            Interest.enter("getppid"),
            call -> {
              TraceeHandle process = other.join();
              List<String> refused = new ArrayList<>();
              for (Runnable action :
                  List.<Runnable>of(
                      () -> process.onExit().join(),
                      () -> process.syscall("getpid"),
                      process::exitStatus)) {
                refused.add(
                    assertThrows(RuntimeException.class, action::run).getClass().getSimpleName());
              }
              refusals.complete(String.join(" ", refused));
            });
    try (Tracer tracer = Tracer.builder().tracerThreads(2).listener(meddler).build()) {
      TraceeHandle looping = tracer.launch(loop(1));
      other.complete(tracer.launch(SLEEP));
      assertEquals(
          "IllegalTraceeStateException IllegalTraceeStateException IllegalTraceeStateException",
          refusals.get(20, TimeUnit.SECONDS));
      assertEquals(0, looping.waitFor());
    }
  }
}
