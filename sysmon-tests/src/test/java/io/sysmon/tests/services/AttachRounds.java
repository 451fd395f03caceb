package io.sysmon.tests.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.NoSuchProcessException;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Tasks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Attaches to all processes of a service and detaches from them, while clients load it. */
final class AttachRounds {
  private static final Duration DETACH_LIMIT = Duration.ofSeconds(30);

  /**
   * A round lasts until it has seen so many calls, or {@link #ROUND_MILLIS} when the service is
   * idle. One that wants none sees none.
   */
  private static final int[] CALLS = {300, 0, 30, 3};

  private static final long ROUND_MILLIS = 150;
  private static final int EXERCISE_EVERY = 20;

  private final Service service;
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong runs = new AtomicLong();
  private volatile boolean enough;
  private long calls;
  private long attached;

  private AttachRounds(Service service) {
    this.service = service;
  }

  /** Counts entries and exits, and has each look at what a real listener would. */
  private static final class Observer implements SyscallListener, TraceeListener {
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong tasks = new AtomicLong();
    private final Interest interest;

    Observer(Interest interest) {
      this.interest = interest;
    }

    @Override
    public Interest interest() {
      return interest;
    }

    @Override
    public void onStart(TraceeTask task) {
      tasks.incrementAndGet();
    }

    @Override
    public void onEnter(SyscallEnter call) {
      assertTrue(call.findString(0).map(String::length).orElse(0) >= 0);
    }

    @Override
    public void onExit(SyscallExit call) {
      calls.incrementAndGet();
    }
  }

  /** Makes the rounds, and fails when a request fails or anything is otherwise than before. */
  static String run(Service service, int rounds) throws Exception {
    return new AttachRounds(service).run(rounds);
  }

  private String run(int rounds) throws Exception {
    loadOnce();
    ServiceState before = service.state();
    CompletableFuture<Void> load = Background.run(this::loadUntilEnough);
    long begin = System.nanoTime();
    try {
      for (int round = 0; round < rounds && !load.isDone(); round++) {
        round(round);
      }
    } finally {
      enough = true;
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    load.get();
    loadOnce();
    service.verify(requests.get());
    List<String> differences = before.differencesTo(service.state());
    assertEquals("", String.join("\n", differences));
    return String.format(
        "%s: %d rounds in %.1f s, %d tasks attached, %d calls seen, %d runs of %d requests, no"
            + " error; %d tasks unchanged",
        service.getClass().getSimpleName(),
        rounds,
        seconds,
        attached,
        calls,
        runs.get(),
        requests.get(),
        before.size());
  }

  private void loadOnce() throws Exception {
    requests.addAndGet(service.load());
    runs.incrementAndGet();
  }

  private void loadUntilEnough() throws Exception {
    while (!enough) {
      loadOnce();
    }
  }

  private void round(int round) throws Exception {
    // One round in three has no stops at system calls.
    Observer observer = new Observer(round % 3 == 2 ? Interest.none() : Interest.all());
    try (Tracer tracer = Tracer.builder().listener(observer).build()) {
      for (int pid : service.processes()) {
        attach(tracer, pid);
      }
      if (round % EXERCISE_EVERY == 0) {
        service.exercise();
      }
      long deadline = System.nanoTime() + ROUND_MILLIS * 1_000_000;
      while (observer.calls.get() < CALLS[round % CALLS.length] && System.nanoTime() < deadline) {
        Thread.sleep(1);
      }
      if (round % 2 == 0) {
        detachAll(tracer);
      }
    }
    calls += observer.calls.get();
    attached += observer.tasks.get();
    assertLetGo(round);
  }

  /** Unless it has ended, or is the child of an attached one and was traced from its beginning. */
  private static void attach(Tracer tracer, int pid) {
    try {
      tracer.attach(pid);
    } catch (NoSuchProcessException e) {
      assertTrue(
          Tasks.process(pid).filter(task -> !"ZX".contains(task.state())).isEmpty(),
          e.getMessage());
    } catch (IllegalTraceeStateException e) {
      assertTrue(e.getMessage().contains("is traced by this tracer already"), e.getMessage());
    }
  }

  /** Also those that are made meanwhile. */
  private static void detachAll(Tracer tracer) throws InterruptedException {
    for (List<TraceeHandle> all = tracer.tracees(); !all.isEmpty(); all = tracer.tracees()) {
      for (TraceeHandle process : all) {
        assertTrue(process.detach(DETACH_LIMIT), () -> Tasks.describe(process.pid()));
      }
    }
  }

  private void assertLetGo(int round) {
    for (int pid : service.processes()) {
      Tasks.process(pid)
          .ifPresent(
              task -> {
                assertEquals(0, task.tracer(), "round " + round + ": tracer of " + task);
                assertTrue(!"Tt".contains(task.state()), "round " + round + ": " + task);
              });
    }
  }
}
