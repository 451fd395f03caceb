package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Moves;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Stranger;
import java.io.BufferedReader;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to a process at the very moment at which it is handed over. */
class HandoverRaceTest {
  private static final int ROUNDS = 60;
  private static final ExitStatus KILLED = ExitStatus.killed(Signal.SIGKILL, false);

  private static final class Ends implements SyscallListener, TraceeListener {
    private final Set<Integer> begun = ConcurrentHashMap.newKeySet();
    private final AtomicInteger wrong = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();

    @Override
    public void onEnter(SyscallEnter call) {
      calls.incrementAndGet();
    }

    @Override
    public void onStart(TraceeTask task) {
      begun.add(task.tid());
    }

    @Override
    public void onExit(TraceeTask task, ExitStatus status) {
      if (!begun.remove(task.tid()) || !status.equals(KILLED)) {
        wrong.incrementAndGet();
      }
    }

    @Override
    public void onDetach(TraceeTask task) {
      begun.remove(task.tid());
    }
  }

  private static Tracer tracer(SyscallListener listener) {
    return Tracer.builder().tracerThreads(3).listener(listener).build();
  }

  private static ProcessBuilder threads() {
    return new ProcessBuilder(
        Guest.compile("moved", "-pthread").toString(), "3", "100000000", "nefsp");
  }

  /** Hands a process over again and again, until told. */
  private static final class Mover implements AutoCloseable {
    private final Semaphore moves = new Semaphore(0);
    private final CompletableFuture<Void> end;
    private volatile boolean over;

    Mover(Tracer tracer, int pid) {
      end =
          Background.run(
              () -> {
                while (!over) {
                  if (Moves.move(tracer, pid)) {
                    moves.release();
                  }
                }
              });
      var unused = end.whenComplete((none, failure) -> moves.release(Integer.MAX_VALUE / 2));
    }

    /** Waits for further ones. */
    void await(int count) throws InterruptedException {
      moves.drainPermits();
      assertTrue(moves.tryAcquire(count, 20, TimeUnit.SECONDS));
    }

    @Override
    public void close() throws Exception {
      over = true;
      end.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void theEndOfAKilledProcessIsTold() throws Exception {
    Ends ends = new Ends();
    try (Tracer tracer = tracer(ends)) {
      for (int i = 0; i < ROUNDS; i++) {
        TraceeHandle guest = tracer.launch(threads());
        try (Mover mover = new Mover(tracer, guest.pid())) {
          mover.await(1 + i % 3);
          guest.kill();
          assertEquals(128 + 9, guest.waitFor());
          assertEquals(KILLED, guest.onExit().get(20, TimeUnit.SECONDS));
        }
      }
      assertTrue(tracer.awaitTracees(Duration.ofSeconds(20)), tracer::diagnose);
      assertEquals(Set.of(), ends.begun);
      assertEquals(0, ends.wrong.get());
    }
  }

  @Test
  void aTracerIsClosed() throws Exception {
    for (int i = 0; i < ROUNDS / 3; i++) {
      Ends ends = new Ends();
      try (Stranger stranger = Stranger.guest("busy", "calls")) {
        Tracer tracer = tracer(ends);
        TraceeHandle launched = tracer.launch(threads());
        TraceeHandle attached = tracer.attach(stranger.pid());
        try (Mover first = new Mover(tracer, launched.pid());
            Mover second = new Mover(tracer, attached.pid())) {
          first.await(1);
          second.await(1);
          tracer.close();
        }
        assertEquals(KILLED, launched.exitStatus());
        assertFalse(attached.isTraced());
        assertEquals(Set.of(), ends.begun);
        stranger.signal(Signal.SIGTERM);
        assertEquals("saw it killed by 15", stranger.report());
      }
    }
  }

  @Test
  void aProcessIsDetachedAndGoesOn() throws Exception {
    Ends ends = new Ends();
    try (Tracer tracer = tracer(ends)) {
      for (int i = 0; i < ROUNDS / 6; i++) {
        try (Stranger stranger = Stranger.guest("moved", 3, 600, "nefspw")) {
          assertEquals("ready", stranger.line());
          TraceeHandle guest = tracer.attach(stranger.pid());
          try (Mover mover = new Mover(tracer, guest.pid())) {
            stranger.say("");
            mover.await(1 + i % 3);
            guest.detach();
            assertFalse(guest.isTraced());
          }
          assertEquals("ok 0\nsaw it exited 0\n", stranger.end());
        }
      }
    }
  }

  @Test
  void itsParentSeesNoStopsButThoseThatItWasSent() throws Exception {
    Ends ends = new Ends();
    try (Tracer tracer = tracer(ends);
        Stranger stranger = Stranger.guest("moved", 3, 20000, "nfpw")) {
      assertEquals("ready", stranger.line());
      TraceeHandle guest = tracer.attach(stranger.pid());
      try (Mover mover = new Mover(tracer, guest.pid())) {
        stranger.say("");
        for (int i = 0; i < 30; i++) {
          mover.await(2);
          stranger.signal(Signal.SIGSTOP);
          assertEquals("saw it stopped by 19", stranger.report());
          stranger.signal(Signal.SIGCONT);
          assertEquals("saw it continued", stranger.report());
        }
      }
      stranger.signal(Signal.SIGTERM);
      assertEquals("saw it killed by 15", stranger.report());
    }
  }

  @Test
  void commandsFindTheirProcess() throws Exception {
    Ends ends = new Ends();
    try (Tracer tracer = tracer(ends)) {
      TraceeHandle guest =
          tracer.launch(new ProcessBuilder(Guest.compile("busy", "-pthread").toString(), "calls"));
      try (Mover mover = new Mover(tracer, guest.pid())) {
        for (int i = 0; i < 200; i++) {
          guest.narrow(i % 2 == 0 ? Interest.none() : Interest.all());
          guest.tasks().get(0).signal(Signal.SIGCONT);
          assertEquals(List.of(guest), tracer.tracees());
          assertTrue(tracer.diagnose().contains(" " + guest.pid() + " "));
        }
        int before = ends.calls.get();
        mover.await(20);
        while (ends.calls.get() == before) {
          Thread.onSpinWait();
        }
      }
      guest.kill();
      assertEquals(128 + 9, guest.waitFor());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"calls", "forks", "vforks", "unreaped-forks", "threads", "execs", "signals"})
  void whateverItIsDoing(String what) throws Exception {
    SyscallListener every = new SyscallListener() {};
    try (Tracer tracer = tracer(every)) {
      TraceeHandle guest =
          tracer.launch(new ProcessBuilder(Guest.compile("busy", "-pthread").toString(), what));
      try (Mover mover = new Mover(tracer, guest.pid())) {
        mover.await(5);
      }
      guest.kill();
      assertEquals(128 + 9, guest.waitFor());
    }
  }

  @Test
  void aJvmThatExitsLeavesNoProcessAsleep() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (Stranger first = Stranger.guest("moved", 2, 4000, "nfpw");
          Stranger second = Stranger.guest("moved", 2, 4000, "nfpw")) {
        assertEquals("ready", first.line());
        assertEquals("ready", second.line());
        Process jvm =
            ChildJvm.of(Moving.class, "" + first.pid(), "" + second.pid())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = jvm.inputReader()) {
          assertEquals("moving", output.readLine());
          first.say("");
          second.say("");
          assertEquals("moving", output.readLine());
          jvm.getOutputStream().close();
          assertEquals(11, jvm.waitFor());
        } finally {
          jvm.destroyForcibly().waitFor();
        }
        assertEquals("ok 0\nsaw it exited 0\n", first.end());
        assertEquals("ok 0\nsaw it exited 0\n", second.end());
      }
    }
  }

  static final class Moving {
    private Moving() {}

    public static void main(String[] pids) throws Exception {
      Tracer tracer = tracer(new SyscallListener() {});
      for (String pid : pids) {
        int attached = tracer.attach(Integer.parseInt(pid)).pid();
        var unused =
            Background.run(
                () -> {
                  for (int moves = 0; ; ) {
                    if (Moves.move(tracer, attached) && ++moves % 10 == 0) {
                      System.out.println("moving");
                    }
                  }
                });
      }
      if (System.in.read() < 0) {
        System.exit(11);
      }
    }
  }
}
