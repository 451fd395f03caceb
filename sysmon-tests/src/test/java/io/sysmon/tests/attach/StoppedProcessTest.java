package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.assertAlive;
import static io.sysmon.tests.attach.Guests.assertEndsWell;
import static io.sysmon.tests.attach.Guests.goOn;
import static io.sysmon.tests.attach.Guests.restless;
import static io.sysmon.tests.attach.Guests.stop;
import static io.sysmon.tests.attach.Guests.tracer;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Stranger;
import io.sysmon.tests.support.Tasks;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Processes that job control stops and continues while they are attached and detached: each stop
 * and continuation is what their parent sees, once.
 */
class StoppedProcessTest {
  private static final int THREADS = 8;
  private static final int TASKS = THREADS + 1;

  private final Recorder recorder = new Recorder(Interest.none());
  private final Contract contract = Contract.ofAttaching(Interest.all());

  @AfterEach
  void theContractIsKept() {
    contract.verify();
  }

  private static Stranger threads() {
    return restless("threads " + THREADS);
  }

  /** Those that were let go need a moment to get there. */
  private static void awaitStates(String state, Stranger stranger) throws InterruptedException {
    Set<String> states = Tasks.statesOf(stranger.pid());
    for (int i = 0; i < 4000 && !states.equals(Set.of(state)); i++) {
      Thread.sleep(5);
      states = Tasks.statesOf(stranger.pid());
    }
    assertEquals(Set.of(state), states);
  }

  @Test
  void aStoppedProcessIsAttachedAndStaysStopped() throws Exception {
    try (Stranger threads = threads();
        Tracer tracer = tracer(contract, recorder)) {
      stop(threads);
      for (int i = 1; i <= 30; i++) {
        TraceeHandle tracee = tracer.attach(threads.pid());
        assertEquals(TASKS, tracee.tasks().size());
        assertEquals(i * TASKS, recorder.all(Recorder.GroupStop.class).size());
        awaitStates("t", threads);
        tracee.detach();
        assertEquals(i * TASKS, recorder.all(Recorder.GroupStop.class).size());
        awaitStates("T", threads);
      }
      goOn(threads);
      assertAlive(threads);
      assertEndsWell(threads);
    }
  }

  @Test
  void itGoesOnAndStopsUnderTheTracer() throws Exception {
    try (Stranger threads = threads();
        Tracer tracer = tracer(contract, recorder)) {
      for (int i = 0; i < 10; i++) {
        stop(threads);
        TraceeHandle tracee = tracer.attach(threads.pid());
        goOn(threads);
        assertAlive(threads);
        stop(threads);
        tracee.detach();
        awaitStates("T", threads);
        tracer.attach(threads.pid()).detach();
        goOn(threads);
        assertAlive(threads);
      }
      assertEndsWell(threads);
    }
  }

  @Test
  void itStopsAndGoesOnWhileItIsAttachedAndDetached() throws Exception {
    try (Stranger threads = threads();
        Tracer tracer = tracer(contract)) {
      for (int i = 0; i < 60; i++) {
        boolean stops = i % 2 == 0;
        threads.signal(stops ? Signal.SIGSTOP : Signal.SIGCONT);
        tracer.attach(threads.pid()).detach();
        assertEquals(stops ? "saw it stopped by 19" : "saw it continued", threads.report());
      }
      assertAlive(threads);
      assertEndsWell(threads);
    }
  }

  @Test
  void aStoppedProcessIsKilledWhileItIsAttachedAndDetached() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (Stranger threads = threads();
          Tracer tracer = tracer(contract)) {
        stop(threads);
        TraceeHandle tracee = tracer.attach(threads.pid());
        if (i % 2 == 0) {
          tracee.kill();
        } else {
          threads.signal(Signal.SIGKILL);
        }
        tracee.detach();
        assertEquals("saw it killed by 9", threads.report());
      }
    }
  }
}
