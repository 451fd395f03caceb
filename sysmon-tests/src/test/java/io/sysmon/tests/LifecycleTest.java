package io.sysmon.tests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.ExitStatus;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.TracerClosedException;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.NothingLeaks;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Tasks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** How tracers and tracees begin, wait and end. */
class LifecycleTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final NothingLeaks.Watch watch = NothingLeaks.watch();
  private final Recorder recorder = new Recorder(Interest.none());

  @Test
  void closeKillsATreeOfBlockedProcesses() throws Exception {
    TraceeHandle root;
    List<TraceeHandle> all;
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      root =
          tracer.launch(
              new ProcessBuilder("sh", "-c", "sleep 1000 & (sleep 1000; :) & sleep 1000 & wait"));
      awaitSleeps(3);
      all = tracer.tracees();
      assertEquals(5, all.size(), all::toString);
      assertEquals(root, all.get(0));
    }
    for (TraceeHandle tracee : all) {
      assertTrue(Tasks.process(tracee.pid()).filter(Tasks::isAlive).isEmpty(), tracee::toString);
      assertFalse(tracee.isAlive());
      assertEquals(ExitStatus.killed(Signal.SIGKILL, false), tracee.exitStatus());
      assertEquals(List.of(), tracee.tasks());
    }
    assertEquals(137, root.waitFor());
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
    // Listeners were told of every end.
    assertEquals(all.size(), recorder.all(Recorder.End.class).size());
  }

  private void awaitSleeps(int count) throws InterruptedException {
    AtomicInteger execs = new AtomicInteger();
    recorder.await(
        Recorder.Exec.class,
        exec ->
            Tasks.process(exec.tid()).map(Tasks.Task::name).filter("sleep"::equals).isPresent()
                && execs.incrementAndGet() == count);
  }

  @Test
  void closeKillsAStoppedProcess() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      tracer.launch(new ProcessBuilder("sh", "-c", "kill -STOP $$"));
      recorder.await(Recorder.GroupStop.class, stop -> stop.signal().equals(Signal.SIGSTOP));
    }
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
  }

  @Test
  void closeKillsAProcessThatRunsHot() throws Exception {
    Recorder calls = new Recorder(Interest.enter("getppid"));
    try (Tracer tracer = Tracer.builder().listener(calls).build()) {
      tracer.launch(new ProcessBuilder(Guest.compile("loop").toString(), "1000000000"));
      calls.await(Recorder.Enter.class, any -> true);
    }
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
  }

  @RepeatedTest(5)
  void closeKillsManyThreadsThatRunHot() throws Exception {
    Recorder calls = new Recorder(Interest.exit("write"));
    try (Tracer tracer = Tracer.builder().listener(calls).build()) {
      TraceeHandle threads =
          tracer.launch(
              new ProcessBuilder(Guest.compile("hot_threads", "-pthread").toString(), "30"));
      calls.await(Recorder.Exit.class, any -> true);
      assertEquals(31, threads.tasks().size());
      assertEquals(31, Tasks.of(threads.pid()).size());
    }
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
    assertEquals(31, calls.all(Recorder.End.class).size());
  }

  @Test
  void closeKillsAParentThatSitsInVfork() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      tracer.launch(new ProcessBuilder(Guest.compile("in_vfork").toString()));
      recorder.await(Recorder.Fork.class, any -> true);
    }
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
  }

  @Test
  void closeWithoutATraceeIsQuickAndLeavesNothing() throws Exception {
    for (int i = 0; i < 20; i++) {
      Tracer.builder().build().close();
    }
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
  }

  @Test
  void closeAgainDoesNothing() throws Exception {
    Tracer tracer = Tracer.builder().build();
    TraceeHandle sleep = tracer.launch(new ProcessBuilder("sleep", "1000"));
    tracer.close();
    tracer.close();
    assertEquals(137, sleep.waitFor());
    tracer.close();
  }

  @RepeatedTest(10)
  void closeFromSeveralThreadsAtOnceEndsInAllOfThem() throws Exception {
    Tracer tracer = Tracer.builder().build();
    TraceeHandle sleep = tracer.launch(new ProcessBuilder("sleep", "1000"));
    CyclicBarrier together = new CyclicBarrier(6);
    List<CompletableFuture<Void>> closers = new ArrayList<>();
    for (int i = 0; i < together.getParties(); i++) {
      closers.add(
          Background.run(
              () -> {
                together.await(20, SECONDS);
                tracer.close();
                // Each of them returns when all is over.
                assertFalse(sleep.isAlive());
              }));
    }
    for (CompletableFuture<Void> closer : closers) {
      closer.get(20, SECONDS);
    }
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
  }

  @RepeatedTest(10)
  void closeDuringLaunchesOfOtherThreadsEndsOrRefusesEachOfThem() throws Exception {
    Tracer tracer = Tracer.builder().build();
    List<TraceeHandle> launched = new ArrayList<>();
    AtomicInteger count = new AtomicInteger();
    CompletableFuture<Void> enough = new CompletableFuture<>();
    List<CompletableFuture<Void>> launchers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      launchers.add(
          Background.run(
              () -> {
                while (true) {
                  TraceeHandle tracee = tracer.launch(new ProcessBuilder("sleep", "1000"));
                  synchronized (launched) {
                    launched.add(tracee);
                  }
                  if (count.incrementAndGet() == 10) {
                    enough.complete(null);
                  }
                }
              }));
    }
    enough.get(20, SECONDS);
    tracer.close();
    for (CompletableFuture<Void> launcher : launchers) {
      Exception refusal = assertThrows(Exception.class, () -> launcher.get(20, SECONDS));
      assertInstanceOf(TracerClosedException.class, refusal.getCause());
    }
    for (TraceeHandle tracee : launched) {
      assertEquals(137, tracee.waitFor());
    }
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
  }

  @RepeatedTest(5)
  void closeDuringAForkStormLeavesNobody() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      for (int i = 0; i < 3; i++) {
        tracer.launch(new ProcessBuilder("sh", "-c", "while :; do (:) & (:); done"));
      }
      AtomicInteger forks = new AtomicInteger();
      recorder.await(Recorder.Fork.class, any -> forks.incrementAndGet() == 60);
    }
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
    Set<TraceeTask> begun = new HashSet<>();
    recorder.all(Recorder.Start.class).forEach(start -> begun.add(start.task()));
    // Each task begins once and ends once.
    assertEquals(begun.size(), recorder.all(Recorder.Start.class).size());
    assertEquals(begun.size(), recorder.all(Recorder.End.class).size());
  }

  @Test
  void aClosedTracerRefusesToLaunchAndHasNoTracees() throws Exception {
    Tracer tracer = Tracer.builder().build();
    tracer.close();
    TracerClosedException refusal =
        assertThrows(TracerClosedException.class, () -> tracer.launch(new ProcessBuilder("true")));
    assertTrue(refusal.getMessage().contains("closed"), refusal::getMessage);
    assertEquals(List.of(), tracer.tracees());
    tracer.awaitTracees();
    assertTrue(tracer.awaitTracees(Duration.ZERO));
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
  }

  @Test
  void waitForWithATimeoutTellsWhetherTheProcessHasEnded() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      TraceeHandle cat = tracer.launch(new ProcessBuilder("cat"));
      assertFalse(cat.waitFor(Duration.ZERO));
      assertFalse(cat.waitFor(Duration.ofSeconds(-5)));
      long before = System.nanoTime();
      assertFalse(cat.waitFor(Duration.ofMillis(50)));
      assertTrue(System.nanoTime() - before >= 50_000_000);
      assertThrows(IllegalTraceeStateException.class, cat::exitStatus);
      cat.process().getOutputStream().close();
      assertTrue(cat.waitFor(LONG));
      assertTrue(cat.waitFor(Duration.ofSeconds(Long.MAX_VALUE)));
      assertEquals(ExitStatus.exited(0), cat.exitStatus());
    }
  }

  @Test
  void anInterruptEndsTheWaitAndNothingElse() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      TraceeHandle sleep = tracer.launch(new ProcessBuilder("sleep", "1000"));
      for (Background.Action wait :
          List.<Background.Action>of(
              sleep::waitFor,
              () -> sleep.waitFor(LONG),
              () -> sleep.process().waitFor(),
              tracer::awaitTracees,
              () -> tracer.awaitTracees(LONG))) {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();
        CompletableFuture<Void> waiter =
            Background.run(
                () -> {
                  thread.set(Thread.currentThread());
                  try {
                    wait.run();
                  } finally {
                    stillInterrupted.complete(Thread.currentThread().isInterrupted());
                  }
                });
        awaitWaiting(thread);
        thread.get().interrupt();
        Exception end = assertThrows(Exception.class, () -> waiter.get(20, SECONDS));
        assertInstanceOf(InterruptedException.class, end.getCause());
        assertFalse(stillInterrupted.get(20, SECONDS));
        assertTrue(sleep.isAlive());
      }
      sleep.kill();
      assertEquals(137, sleep.waitFor());
    }
  }

  /** Polls, because a thread's state has no event to wait for. */
  private static void awaitWaiting(AtomicReference<Thread> thread) {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (thread.get() == null
        || (thread.get().getState() != Thread.State.WAITING
            && thread.get().getState() != Thread.State.TIMED_WAITING)) {
      assertTrue(System.nanoTime() < deadline, "The thread does not come to wait");
      Thread.onSpinWait();
    }
  }

  @Test
  void anInterruptedThreadCanLaunchAndCloseAndKeepsItsInterrupt() throws Exception {
    TraceeHandle sleep;
    Tracer tracer = Tracer.builder().build();
    Thread.currentThread().interrupt();
    try {
      sleep = tracer.launch(new ProcessBuilder("sleep", "1000"));
      assertTrue(Thread.currentThread().isInterrupted());
    } finally {
      tracer.close();
      assertTrue(Thread.interrupted());
    }
    assertEquals(137, sleep.waitFor());
  }

  @Test
  void onExitCompletesWithTheStatus() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      TraceeHandle sh = tracer.launch(new ProcessBuilder("sh", "-c", "read x; exit 4"));
      CompletableFuture<ExitStatus> exit = sh.onExit();
      assertNotSame(exit, sh.onExit());
      assertTrue(sh.onExit().complete(ExitStatus.exited(99)));
      assertFalse(exit.isDone());
      CompletableFuture<String> thread = exit.thenApply(status -> Thread.currentThread().getName());
      sh.process().getOutputStream().close();
      assertEquals(ExitStatus.exited(4), exit.get(20, SECONDS));
      assertTrue(thread.get(20, SECONDS).startsWith("sysmon-tracer-"), thread::join);
      assertEquals(ExitStatus.exited(4), sh.onExit().join());
      assertEquals(4, sh.waitFor());
    }
  }

  @Test
  void onExitCompletesWhenTheTracerIsClosed() throws Exception {
    Tracer tracer = Tracer.builder().build();
    TraceeHandle sleep = tracer.launch(new ProcessBuilder("sleep", "1000"));
    CompletableFuture<ExitStatus> exit = sleep.onExit();
    tracer.close();
    assertEquals(ExitStatus.killed(Signal.SIGKILL, false), exit.getNow(null));
  }

  @Test
  void aSignalsEndIsTold() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      for (Signal signal : List.of(Signal.SIGTERM, Signal.SIGUSR1, Signal.SIGALRM)) {
        TraceeHandle sleep = tracer.launch(new ProcessBuilder("sleep", "1000"));
        sleep.signal(signal);
        assertEquals(128 + signal.number(), sleep.waitFor());
        assertEquals(signal, sleep.exitStatus().signal());
      }
    }
  }

  @Test
  void killingWhatHasEndedDoesNothing() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      TraceeHandle quick = tracer.launch(new ProcessBuilder("true"));
      assertEquals(0, quick.waitFor());
      quick.kill();
      assertEquals(ExitStatus.exited(0), quick.exitStatus());
    }
  }

  @Test
  void traceesAreListedByAgeWithTheirParents() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      assertEquals(List.of(), tracer.tracees());
      TraceeHandle first = tracer.launch(new ProcessBuilder("cat"));
      TraceeHandle second = tracer.launch(new ProcessBuilder("sh", "-c", "sleep 1000 & wait"));
      int child =
          recorder.await(Recorder.Fork.class, fork -> fork.tid() == second.pid()).childPid();
      List<TraceeHandle> listed = tracer.tracees();
      assertEquals(
          List.of(first.pid(), second.pid(), child),
          listed.stream().map(TraceeHandle::pid).toList());
      assertTrue(first.parent().isEmpty() && second.parent().isEmpty());
      assertEquals(second, listed.get(2).parent().orElseThrow());
      assertThrows(IllegalTraceeStateException.class, () -> listed.get(2).process());
      assertFalse(tracer.awaitTracees(Duration.ZERO));
      first.process().getOutputStream().close();
      assertEquals(0, first.waitFor());
      assertFalse(tracer.awaitTracees(Duration.ofMillis(10)));
      listed.get(2).kill();
      assertTrue(tracer.awaitTracees(LONG));
      assertEquals(List.of(), tracer.tracees());
      assertEquals(0, second.waitFor());
    }
  }

  @Test
  void descendantsThatOutliveTheirParentAreWaitedForByTheTracer() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      TraceeHandle sh = tracer.launch(new ProcessBuilder("sh", "-c", "sleep 1000 & exit 3"));
      assertEquals(3, sh.waitFor());
      assertFalse(tracer.awaitTracees(Duration.ZERO));
      TraceeHandle orphan = tracer.tracees().get(0);
      assertEquals(sh, orphan.parent().orElseThrow());
      orphan.signal(Signal.SIGTERM);
      tracer.awaitTracees();
      assertEquals(143, orphan.waitFor());
    }
  }

  @Test
  void twoTracersInOneJvmDoNotSeeEachOthersTracees() throws Exception {
    Loops programs = new Loops(Guest.compile("loop").toString());
    Recorder one = new Recorder(Interest.of("getppid"));
    Recorder other = new Recorder(Interest.of("getppid"));
    try (Tracer first = Tracer.builder().listener(one).build();
        Tracer second = Tracer.builder().listener(other).build()) {
      CompletableFuture<Void> beside =
          Background.run(
              () -> {
                for (int i = 0; i < 20; i++) {
                  assertEquals(0, Outcome.traced(second, programs.of(70)).exitValue());
                }
              });
      for (int i = 0; i < 20; i++) {
        assertEquals(0, Outcome.traced(first, programs.of(50)).exitValue());
      }
      beside.get(30, SECONDS);
    }
    assertEquals(20 * 50, one.enters("getppid").size());
    assertEquals(20 * 50, one.exits("getppid").size());
    assertEquals(20 * 70, other.enters("getppid").size());
    Set<Integer> ones = new HashSet<>();
    one.events().forEach(event -> ones.add(event.tid()));
    assertTrue(other.events().stream().noneMatch(event -> ones.contains(event.tid())));
  }

  private record Loops(String program) {
    ProcessBuilder of(int count) {
      return new ProcessBuilder(program, Integer.toString(count));
    }
  }

  @Test
  void closingOneTracerLeavesTheOthersTraceesAlone() throws Exception {
    try (Tracer staying = Tracer.builder().build()) {
      TraceeHandle cat = staying.launch(new ProcessBuilder("cat"));
      Tracer going = Tracer.builder().build();
      TraceeHandle sleep = going.launch(new ProcessBuilder("sleep", "1000"));
      going.close();
      assertFalse(sleep.isAlive());
      assertTrue(cat.isAlive());
      cat.process().getOutputStream().close();
      assertEquals(0, cat.waitFor());
    }
  }

  @Test
  void thisMachineCanTrace() {
    assertTrue(Tracer.isSupported(), () -> Tracer.unsupportedReason().orElse(""));
    assertTrue(Tracer.unsupportedReason().isEmpty());
  }
}
