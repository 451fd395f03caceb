package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.assertAlive;
import static io.sysmon.tests.attach.Guests.assertEndsWell;
import static io.sysmon.tests.attach.Guests.goOn;
import static io.sysmon.tests.attach.Guests.restless;
import static io.sysmon.tests.attach.Guests.sleepers;
import static io.sysmon.tests.attach.Guests.stop;
import static io.sysmon.tests.attach.Guests.tracer;
import static io.sysmon.tests.attach.Guests.wake;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.Verdict;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Stranger;
import io.sysmon.tests.support.Tasks;
import java.io.BufferedReader;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of attached processes when their tracer is closed, or its JVM is killed. */
class TracerEndTest {
  private final Contract contract = Contract.ofAttaching(Interest.all());

  private static void assertUntraced(Stranger guest) throws InterruptedException {
    // The kernel lets go of them while the killed JVM ends.
    for (int i = 0; i < 4000 && isTraced(guest); i++) {
      Thread.sleep(5);
    }
    assertFalse(isTraced(guest));
  }

  private static boolean isTraced(Stranger guest) {
    return Tasks.tasksOf(guest.pid()).stream().anyMatch(task -> task.tracer() != 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"calls 3", "threads 50", "creators 4", "chains 4", "forks 2", "execs thread"})
  void closingLetsARestlessProcessGoOn(String words) throws Exception {
    try (Stranger guest = restless(words)) {
      for (int i = 0; i < 10; i++) {
        TraceeHandle tracee;
        try (Tracer tracer = tracer(contract)) {
          tracee = tracer.attach(guest.pid());
        }
        assertFalse(tracee.isTraced());
        assertFalse(isTraced(guest));
        assertAlive(guest);
      }
      assertEndsWell(guest);
    }
    contract.verify();
  }

  @Test
  void closingInterruptsNoCall() throws Exception {
    try (Stranger guest = sleepers()) {
      for (int i = 0; i < 20; i++) {
        try (Tracer tracer = tracer(contract)) {
          tracer.attach(guest.pid());
        }
        wake(guest);
      }
      assertEndsWell(guest);
    }
    contract.verify();
  }

  @Test
  void closingLeavesAStoppedProcessStopped() throws Exception {
    try (Stranger guest = restless("threads 5")) {
      for (int i = 0; i < 10; i++) {
        try (Tracer tracer = tracer(contract)) {
          if (i % 2 == 0) {
            stop(guest);
          }
          tracer.attach(guest.pid());
          if (i % 2 == 1) {
            stop(guest);
          }
        }
        goOn(guest);
      }
      assertAlive(guest);
      assertEndsWell(guest);
    }
    contract.verify();
  }

  /** Holds calls, or the tracer's thread. */
  private static final class Holder implements SyscallListener {
    private final String what;
    private final CountDownLatch held = new CountDownLatch(1);
    private final Semaphore thread = new Semaphore(0);

    Holder(String what) {
      this.what = what;
    }

    @Override
    public Interest interest() {
      return Interest.enter("lseek");
    }

    @Override
    public void onEnter(SyscallEnter call) {
      if (what.equals("held")) {
        call.hold(Duration.ofMinutes(1), Verdict.skip(4711));
      } else if (what.equals("delayed")) {
        call.delay(Duration.ofMinutes(1));
      }
      held.countDown();
      if (what.equals("in a callback")) {
        thread.acquireUninterruptibly();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"held", "delayed"})
  void closingLetsHeldCallsGoOn(String what) throws Exception {
    try (Stranger guest = restless("calls 3")) {
      for (int i = 0; i < 10; i++) {
        Holder holder = new Holder(what);
        try (Tracer tracer = tracer(contract, holder)) {
          tracer.attach(guest.pid());
          assertTrue(holder.held.await(20, TimeUnit.SECONDS));
        }
        assertFalse(isTraced(guest));
        assertAlive(guest);
      }
      assertEndsWell(guest);
    }
    contract.verify();
  }

  @Test
  void closingKillsWhatWasLaunchedAndLetsGoWhatWasAttached() throws Exception {
    try (Stranger guest = restless("forks 2")) {
      for (int i = 0; i < 10; i++) {
        TraceeHandle launched;
        TraceeHandle attached;
        try (Tracer tracer = tracer(contract)) {
          launched = tracer.launch(new ProcessBuilder("sh", "-c", "sleep 1000 & echo; wait"));
          attached = tracer.attach(guest.pid());
          // A process that is killed in its fork does not tell of its child.
          assertEquals("", launched.process().inputReader().readLine());
        }
        assertEquals(137, launched.waitFor());
        assertFalse(attached.isTraced());
        assertTrue(attached.isAlive());
        assertAlive(guest);
      }
      assertEndsWell(guest);
    }
    contract.verify();
  }

  @ParameterizedTest
  @ValueSource(strings = {"running", "held", "in a callback"})
  void aProcessGoesOnWhenTheJvmThatTracesItIsKilled(String state) throws Exception {
    try (Stranger guest = restless("calls 3")) {
      killJvm(guest, state);
      assertUntraced(guest);
      assertAlive(guest);
      assertEndsWell(guest);
    }
  }

  @Test
  void aStoppedProcessStaysStoppedWhenTheJvmThatTracesItIsKilled() throws Exception {
    try (Stranger guest = restless("threads 5")) {
      stop(guest);
      killJvm(guest, "running");
      assertUntraced(guest);
      for (int i = 0; i < 4000 && !Tasks.statesOf(guest.pid()).equals(Set.of("T")); i++) {
        Thread.sleep(5);
      }
      assertEquals(Set.of("T"), Tasks.statesOf(guest.pid()));
      goOn(guest);
      assertAlive(guest);
      assertEndsWell(guest);
    }
  }

  private static void killJvm(Stranger guest, String state) throws Exception {
    Process jvm =
        ChildJvm.of(Tracing.class, String.valueOf(guest.pid()), state)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      BufferedReader output = jvm.inputReader();
      assertEquals("ready", output.readLine());
      assertTrue(isTraced(guest));
    } finally {
      jvm.destroyForcibly().waitFor();
    }
  }

  static final class Tracing {
    private Tracing() {}

    public static void main(String[] args) throws Exception {
      Holder holder = new Holder(args[1]);
      Tracer tracer = Tracer.builder().listener(holder).build();
      tracer.attach(Integer.parseInt(args[0]));
      if (!args[1].equals("running")) {
        holder.held.await();
      }
      System.out.println("ready");
      // Until it is killed.
      new Semaphore(0).acquire();
    }
  }
}
