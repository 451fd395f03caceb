package io.sysmon.tests.attach;

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
import org.junit.jupiter.api.Test;

class AttachedJobControlTest {
  private final Recorder recorder = new Recorder(Interest.none());
  private final Contract contract = Contract.ofAttaching(Interest.all());

  private static Stranger threads() {
    Stranger threads = Stranger.guest("restless", "threads", 8);
    assertEquals("ready", threads.line());
    return threads;
  }

  private Tracer tracer() {
    return Tracer.builder().listener(contract).listener(recorder).build();
  }

  /** Those that were let go, or that a signal stops, may need a moment to get there. */
  private static void awaitStates(String state, Stranger stranger) throws InterruptedException {
    Set<String> states = Tasks.statesOf(stranger.pid());
    for (int i = 0; i < 2000 && !states.equals(Set.of(state)); i++) {
      Thread.sleep(5);
      states = Tasks.statesOf(stranger.pid());
    }
    assertEquals(Set.of(state), states);
  }

  private static void stop(Stranger stranger) {
    stranger.signal(Signal.SIGSTOP);
    assertEquals("saw it stopped by 19", stranger.report());
  }

  private static void goOn(Stranger stranger) {
    stranger.signal(Signal.SIGCONT);
    assertEquals("saw it continued", stranger.report());
    assertEquals("alive", stranger.ask("go on"));
  }

  private static void assertEnds(Stranger stranger) {
    assertEquals(
        "9 of 9 loops ended, 0 wrong\nsaw it exited 0\n".replace('9', '8'), stranger.end());
  }

  @Test
  void aStoppedProcessStaysStopped() throws Exception {
    try (Stranger threads = threads();
        Tracer tracer = tracer()) {
      stop(threads);
      for (int i = 0; i < 30; i++) {
        TraceeHandle tracee = tracer.attach(threads.pid());
        assertEquals(9, tracee.tasks().size());
        assertEquals(9 * (i + 1), recorder.all(Recorder.GroupStop.class).size());
        awaitStates("t", threads);
        tracee.detach();
        awaitStates("T", threads);
      }
      goOn(threads);
      assertEnds(threads);
    }
    contract.verify();
  }

  @Test
  void goesOnUnderTheTracer() throws Exception {
    try (Stranger threads = threads();
        Tracer tracer = tracer()) {
      for (int i = 0; i < 10; i++) {
        stop(threads);
        TraceeHandle tracee = tracer.attach(threads.pid());
        goOn(threads);
        stop(threads);
        tracee.detach();
        awaitStates("T", threads);
        tracee = tracer.attach(threads.pid());
        tracee.detach();
        goOn(threads);
      }
      assertEnds(threads);
    }
    contract.verify();
  }

  @Test
  void stopsWhileAttachedAndDetached() throws Exception {
    try (Stranger threads = threads();
        Tracer tracer = tracer()) {
      for (int i = 0; i < 60; i++) {
        if (i % 2 == 0) {
          threads.signal(Signal.SIGSTOP);
        } else {
          threads.signal(Signal.SIGCONT);
        }
        TraceeHandle tracee = tracer.attach(threads.pid());
        tracee.detach();
        assertEquals(i % 2 == 0 ? "saw it stopped by 19" : "saw it continued", threads.report());
      }
      assertEquals("alive", threads.ask("go on"));
      assertEnds(threads);
    }
    contract.verify();
  }
}
