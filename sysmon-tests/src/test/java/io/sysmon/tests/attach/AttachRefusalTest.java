package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.assertAlive;
import static io.sysmon.tests.attach.Guests.assertEndsWell;
import static io.sysmon.tests.attach.Guests.restless;
import static io.sysmon.tests.attach.Guests.tracer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.NoSuchProcessException;
import io.sysmon.Signal;
import io.sysmon.TraceException;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.TracerClosedException;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Stranger;
import io.sysmon.tests.support.Tasks;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be attached is refused, is not changed by it, and can be attached later. */
class AttachRefusalTest {
  private static void assertSays(String part, TraceException refused) {
    assertTrue(String.valueOf(refused.getMessage()).contains(part), refused::toString);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void aNumberThatNoProcessHasIsAnIllegalArgument(int pid) {
    try (Tracer tracer = tracer()) {
      assertThrows(IllegalArgumentException.class, () -> tracer.attach(pid));
      assertEquals(List.of(), tracer.tracees());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MAX_VALUE, 4_194_304})
  void aNumberBeyondThoseOfProcessesIsOfNone(int pid) {
    try (Tracer tracer = tracer()) {
      assertThrows(NoSuchProcessException.class, () -> tracer.attach(pid));
      assertEquals(List.of(), tracer.tracees());
    }
  }

  @Test
  void aChildOfThisJvmIsRefusedAndGoesOn() throws Exception {
    Process child = new ProcessBuilder("cat").start();
    try (Tracer tracer = tracer()) {
      assertSays(
          "Tracer.launch",
          assertThrows(IllegalTraceeStateException.class, () -> tracer.attach((int) child.pid())));
      assertEquals(List.of(), tracer.tracees());
      assertEquals(new Outcome("", "", 0), Outcome.of(child, "cat"));
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  @Test
  void aTraceeOfTheSameTracerIsRefusedAndStaysTraced() throws Exception {
    Recorder recorder = new Recorder(Interest.none());
    try (Stranger guest = restless("calls 1");
        Tracer tracer = tracer(recorder)) {
      TraceeHandle tracee = tracer.attach(guest.pid());
      for (int i = 0; i < 3; i++) {
        assertSays(
            "traced by this tracer already",
            assertThrows(IllegalTraceeStateException.class, () -> tracer.attach(guest.pid())));
      }
      assertEquals(List.of(tracee), tracer.tracees());
      tracee.detach();
      tracer.attach(guest.pid()).detach();
      assertEndsWell(guest);
    }
    assertEquals(4, recorder.all(Recorder.Detach.class).size());
  }

  @Test
  void aTraceeOfAnotherTracerIsRefusedUntilItIsDetached() throws Exception {
    try (Stranger guest = restless("calls 1");
        Tracer one = tracer();
        Tracer two = tracer()) {
      TraceeHandle tracee = one.attach(guest.pid());
      assertThrows(TracePermissionException.class, () -> two.attach(guest.pid()));
      assertEquals(List.of(), two.tracees());
      tracee.detach();
      two.attach(guest.pid()).detach();
      assertAlive(guest);
      assertEndsWell(guest);
    }
  }

  @Test
  void aChildOfATraceeIsRefusedByBothTracers() throws Exception {
    Recorder recorder = new Recorder(Interest.none());
    try (Tracer one = tracer(recorder);
        Tracer two = tracer()) {
      TraceeHandle shell = one.launch(new ProcessBuilder("sh", "-c", "cat; true"));
      int child = recorder.await(Recorder.Exec.class, exec -> exec.tid() != shell.pid()).tid();
      assertThrows(IllegalTraceeStateException.class, () -> one.attach(child));
      assertThrows(TracePermissionException.class, () -> two.attach(child));
      assertEquals(new Outcome("", "", 0), Outcome.of(shell));
      assertThrows(NoSuchProcessException.class, () -> one.attach(child));
    }
  }

  @Test
  void aThreadIsRefusedAndItsProcessGoesOn() throws Exception {
    try (Stranger guest = restless("threads 3");
        Tracer tracer = tracer()) {
      for (int tid : Tasks.of(guest.pid())) {
        if (tid != guest.pid()) {
          assertThrows(NoSuchProcessException.class, () -> tracer.attach(tid));
        }
      }
      assertEquals(List.of(), tracer.tracees());
      assertEndsWell(guest);
    }
  }

  @Test
  void aClosedTracerAttachesNothing() throws Exception {
    Tracer tracer = tracer();
    tracer.close();
    try (Stranger guest = restless("calls 1")) {
      assertThrows(TracerClosedException.class, () -> tracer.attach(guest.pid()));
      assertThrows(TracerClosedException.class, () -> tracer.attach(Integer.MAX_VALUE));
      assertThrows(IllegalArgumentException.class, () -> tracer.attach(0));
      assertEndsWell(guest);
    }
  }

  /** Either it is there when it is attached, and its end is told; or it is not. */
  @Test
  void aProcessMayEndWhileItIsAttached() throws Exception {
    int attached = 0;
    for (int i = 0; i < 60; i++) {
      Recorder recorder = new Recorder(Interest.none());
      try (Stranger guest = Stranger.guest("restless", "threads", 3);
          Tracer tracer = tracer(recorder)) {
        if (i % 2 == 0) {
          assertEquals("ready", guest.line());
        }
        guest.signal(Signal.SIGKILL);
        if (i % 3 == 0) {
          assertEquals("saw it killed by 9", guest.report());
        }
        try {
          TraceeHandle tracee = tracer.attach(guest.pid());
          attached++;
          assertEquals(137, tracee.waitFor());
        } catch (NoSuchProcessException e) {
          assertEquals(List.of(), tracer.tracees());
        }
        assertTrue(tracer.awaitTracees(Outcome.LIMIT));
        assertEquals(
            recorder.all(Recorder.Start.class).size(), recorder.all(Recorder.End.class).size());
      }
    }
    assertTrue(attached < 60, "It never ended before it was attached");
  }

  @Test
  void aLaunchedProgramIsRefusedAlsoAfterItWasDetached() throws Exception {
    try (Tracer tracer = tracer();
        Tracer other = tracer()) {
      TraceeHandle cat = tracer.launch(new ProcessBuilder("cat"));
      assertThrows(IllegalTraceeStateException.class, () -> tracer.attach(cat.pid()));
      cat.detach();
      assertSays(
          "child of this JVM",
          assertThrows(IllegalTraceeStateException.class, () -> other.attach(cat.pid())));
      assertEquals(new Outcome("", "", 0), Outcome.of(cat));
    }
  }
}
