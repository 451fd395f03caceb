package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.assertAlive;
import static io.sysmon.tests.attach.Guests.assertEndsWell;
import static io.sysmon.tests.attach.Guests.restless;
import static io.sysmon.tests.attach.Guests.tracer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.NoSuchProcessException;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Stranger;
import io.sysmon.tests.support.Tasks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that run on, and change all the time, while they are attached and detached. */
class RestlessProcessTest {
  private final Contract contract = Contract.ofAttaching(Interest.all());

  @ParameterizedTest
  @CsvSource({
    "threads 100, 20",
    "threads 1000, 2",
    "creators 4, 60",
    "chains 4, 60",
    "forks 2, 60",
    "execs leader, 40",
    "execs thread, 40",
    "dead-leader 3, 20",
    "calls 3, 60",
    "alarms, 100",
    "sandboxed, 20"
  })
  void goesOnAsIfNothingHadHappened(String words, int rounds) throws Exception {
    Contract withoutCalls = Contract.ofAttaching(Interest.none());
    try (Stranger guest = words.equals("sandboxed") ? sandboxed() : restless(words)) {
      for (Contract each : List.of(contract, withoutCalls)) {
        try (Tracer tracer = tracer(each)) {
          for (int i = 0; i < rounds; i++) {
            TraceeHandle tracee = tracer.attach(guest.pid());
            if (i % 10 == 1) {
              assertAlive(guest);
            }
            tracee.detach();
            assertFalse(tracee.isTraced());
            if (i % 10 == 0) {
              assertAlive(guest);
            }
          }
        }
        each.verify();
      }
      assertEndsWell(guest);
    }
  }

  static Stranger sandboxed() {
    Stranger sandboxed = Stranger.guest("restless", "sandboxed");
    assertEquals("sandboxed", sandboxed.line());
    assertEquals("ready", sandboxed.line());
    return sandboxed;
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1000})
  void everyThreadIsTracedWhenAttachReturns(int count) throws Exception {
    Recorder recorder = new Recorder(Interest.none());
    try (Stranger threads = restless("threads " + count);
        Tracer tracer = tracer(contract, recorder)) {
      TraceeHandle tracee = tracer.attach(threads.pid());
      Set<Integer> tids =
          recorder.all(Recorder.Start.class).stream()
              .map(Recorder.Start::tid)
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(Tasks.of(threads.pid()), tids);
      assertEquals(count + 1, tids.size());
      assertEquals(count + 1, recorder.all(Recorder.Start.class).size());
      assertEquals(count + 1, tracee.tasks().size());
      assertTrue(tracee.isTraced());
      assertTrue(tracee.parent().isEmpty());
      tracee.detach();
      assertEquals(count + 1, recorder.all(Recorder.Detach.class).size());
      assertEquals(List.of(), tracee.tasks());
      assertEndsWell(threads);
    }
    contract.verify();
  }

  @ParameterizedTest
  @ValueSource(strings = {"creators 4", "chains 4", "forks 3", "execs thread"})
  void noTaskEscapesWhileTasksComeAndGo(String words) throws Exception {
    try (Stranger guest = restless(words)) {
      for (int i = 0; i < 30; i++) {
        try (Tracer tracer = tracer(contract)) {
          tracer.attach(guest.pid());
          // Whatever it consists of now came of a task that is traced.
          for (Tasks.Task task : Tasks.tasksOf(guest.pid())) {
            assertTrue(task.tracer() != 0 || "ZX".contains(task.state()), task::toString);
          }
        }
      }
      assertEndsWell(guest);
    }
    contract.verify();
  }

  @Test
  void listenersSeeEachNumberedCallOnceWhileTheyAreAttached() throws Exception {
    List<Long> results = new ArrayList<>();
    AtomicInteger gaps = new AtomicInteger();
    SyscallListener listener =
        new SyscallListener() {
          @Override
          public Interest interest() {
            return Interest.of("lseek");
          }

          @Override
          public void onEnter(SyscallEnter call) {
            if (call.arg(1) != results.get(results.size() - 1) % 100_000 + 1) {
              gaps.incrementAndGet();
            }
          }

          @Override
          public void onExit(SyscallExit call) {
            assertEquals(call.arg(1), call.result());
            results.add(call.result());
          }
        };
    try (Stranger calls = restless("calls 1");
        Tracer tracer = tracer(contract, listener)) {
      for (int i = 0; i < 20; i++) {
        results.clear();
        results.add(0L);
        gaps.set(0);
        TraceeHandle tracee = tracer.attach(calls.pid());
        assertAlive(calls);
        tracee.detach();
        assertTrue(results.size() > 2, results::toString);
        // The first that was seen follows calls that were not.
        assertTrue(gaps.get() <= 1, () -> gaps + " gaps in " + results);
      }
      assertEndsWell(calls);
    }
    contract.verify();
  }

  @Test
  void nothingIsToldOfAProcessAfterItsDetachHasReturned() throws Exception {
    Recorder recorder = new Recorder();
    try (Stranger calls = restless("calls 3");
        Tracer tracer = tracer(contract, recorder)) {
      Set<TraceeTask> told = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        TraceeHandle tracee = tracer.attach(calls.pid());
        assertAlive(calls);
        tracee.detach();
        int events = recorder.events().size();
        assertAlive(calls);
        assertEquals(events, recorder.events().size());
        for (Recorder.Detach detach : recorder.all(Recorder.Detach.class)) {
          assertFalse(detach.task().isAlive());
          told.add(detach.task());
        }
        assertEquals(4 * (i + 1), told.size());
      }
      assertEndsWell(calls);
    }
    contract.verify();
  }

  @Test
  void aLeaderMayEndWhileItsProcessIsLetGo() throws Exception {
    for (int i = 0; i < 30; i++) {
      try (Stranger guest = Stranger.guest("restless", "dying-leader", 2);
          Tracer tracer = tracer(contract)) {
        assertEquals("leader", guest.line());
        TraceeHandle tracee = tracer.attach(guest.pid());
        CompletableFuture<Void> told = Background.run(() -> guest.say("end"));
        if (i % 2 == 0) {
          told.get(20, TimeUnit.SECONDS);
        }
        if (i % 4 == 0) {
          assertEquals("ready", guest.line());
        }
        assertTrue(tracee.detach(Duration.ofSeconds(20)));
        told.get(20, TimeUnit.SECONDS);
        if (i % 4 != 0) {
          assertEquals("ready", guest.line());
        }
        assertAlive(guest);
        // Its leader is a zombie by now.
        assertTrue(tracer.attach(guest.pid()).detach(Duration.ofSeconds(20)));
        assertAlive(guest);
        assertEndsWell(guest);
      }
    }
    contract.verify();
  }

  /**
   * A thread that is not seized yet takes the place of a leader that is; the kernel does not tell,
   * and the program has ended before it could be looked for.
   */
  @Test
  void aThreadMayExecuteTheLastProgramDuringTheAttach() throws Exception {
    for (int i = 0; i < 15; i++) {
      try (Stranger guest = restless("last-exec 300");
          Tracer tracer = tracer(contract)) {
        CompletableFuture<Void> told = Background.run(() -> guest.say("go"));
        try {
          tracer.attach(guest.pid());
        } catch (NoSuchProcessException e) {
          assertEquals(List.of(), tracer.tracees());
        }
        told.get(20, TimeUnit.SECONDS);
        assertTrue(tracer.awaitTracees(Duration.ofSeconds(20)), tracer::diagnose);
        assertEquals("saw it exited 0\n", guest.end());
      }
    }
    contract.verify();
  }

  @Test
  void aLaunchedProgramIsLetGoWhileItsThreadsCallExecve() throws Exception {
    Contract launched = Contract.ofDying(Interest.all());
    for (int i = 0; i < 40; i++) {
      TraceeHandle tracee;
      try (Tracer tracer = tracer(launched)) {
        tracee = tracer.launch(Alike.guest("restless", "execs", i % 2 == 0 ? "thread" : "leader"));
        assertEquals("ready", tracee.process().inputReader().readLine());
        assertTrue(tracee.detach(Duration.ofSeconds(20)));
      }
      tracee.process().getOutputStream().close();
      assertEquals(0, tracee.waitFor());
    }
    launched.verify();
  }

  @Test
  void oneOfSeveralIsLetGoAndTheOthersStayTraced() throws Exception {
    Recorder recorder = new Recorder(Interest.enter("lseek"));
    try (Stranger one = restless("calls 1");
        Stranger two = restless("calls 1");
        Tracer tracer = tracer(contract, recorder)) {
      TraceeHandle first = tracer.attach(one.pid());
      TraceeHandle second = tracer.attach(two.pid());
      first.detach();
      assertEquals(List.of(second), tracer.tracees());
      assertTrue(second.isTraced());
      int before = recorder.enters("lseek").size();
      assertAlive(one);
      assertAlive(two);
      assertTrue(recorder.enters("lseek").size() > before);
      second.detach();
      assertEndsWell(one);
      assertEndsWell(two);
    }
    contract.verify();
  }

  @Test
  void twoTracersTakeTurns() throws Exception {
    try (Stranger threads = restless("threads 10");
        Tracer one = tracer(contract);
        Tracer two = tracer(contract)) {
      for (int i = 0; i < 60; i++) {
        (i % 2 == 0 ? one : two).attach(threads.pid()).detach();
      }
      assertAlive(threads);
      assertEndsWell(threads);
    }
    contract.verify();
  }
}
