package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.Verdict;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.OffHeap;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Tasks;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The tracer's watch over itself, and what it says of its state. */
class WatchTest {
  private static final int SIGURG = 23;
  private static final int WALL = 0x40000000;
  private static final String FOUND = "other code of this JVM waits for any child";

  private static SyscallListener onGetppid(Consumer<SyscallEnter> action) {
    return SyscallListener.onEnter(Interest.enter("getppid"), action);
  }

  private static ProcessBuilder loop(int calls) {
    return new ProcessBuilder(Guest.compile("loop").toString(), "" + calls);
  }

  /**
   * Takes one event of a tracee away, as code does that waits for children that are not its own.
   */
  private static void stealAnEventOf(int pid) {
    OffHeap status = new OffHeap(Integer.BYTES);
    assertEquals(pid, Native.libc().wait4(pid, status.address(0), WALL, 0));
  }

  @Test
  void aStopWhoseReportOtherCodeConsumedIsFoundAndTakenUp() throws Exception {
    int calls = 20_000;
    AtomicInteger seen = new AtomicInteger();
    CountDownLatch running = new CountDownLatch(1);
    SyscallListener counter =
        onGetppid(
            call -> {
              seen.incrementAndGet();
              running.countDown();
            });
    try (Tracer tracer = Tracer.builder().listener(counter).build()) {
      TraceeHandle guest = tracer.launch(loop(calls));
      assertTrue(running.await(20, TimeUnit.SECONDS));
      stealAnEventOf(guest.pid());
      assertTrue(guest.waitFor(Duration.ofSeconds(40)), tracer::diagnose);
      assertEquals(0, guest.exitStatus().code());
      assertEquals(calls, seen.get());
      assertTrue(tracer.diagnose().contains(FOUND), tracer::diagnose);
      assertTrue(tracer.diagnose().contains("PTRACE_CONT"), tracer::diagnose);
    }
  }

  @Test
  void aDoorbellWhoseStopOtherCodeConsumedIsReplaced() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      TraceeHandle sleeper = tracer.launch(new ProcessBuilder("sleep", "1000"));
      int doorbell =
          Tasks.ours().stream()
              .mapToInt(Tasks.Task::tid)
              .filter(tid -> tid != sleeper.pid())
              .findFirst()
              .orElseThrow();
      CompletableFuture<Void> stolen = Background.run(() -> stealAnEventOf(doorbell));
      while (!stolen.isDone()) {
        // The tracer's thread waits for it, too, and takes it most times.
        Native.kill(doorbell, SIGURG);
        Thread.onSpinWait();
      }
      stolen.get();
      // Would wait forever: it needs the tracer's thread.
      assertTrue(sleeper.detach(Duration.ofSeconds(20)), tracer::diagnose);
      sleeper.kill();
      assertEquals(137, sleeper.waitFor());
    }
  }

  @Test
  void aDiagnosisTellsOfEachTaskWhereItIs() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    SyscallListener holder =
        onGetppid(
            call -> {
              call.hold(Duration.ofSeconds(60), Verdict.proceed());
              held.countDown();
            });
    try (Tracer tracer = Tracer.builder().listener(holder).build()) {
      TraceeHandle guest = tracer.launch(loop(1));
      assertTrue(held.await(20, TimeUnit.SECONDS));
      String line = lineOf(guest, tracer);
      while (line.contains(" STOPPED ")) {
        // The callback that holds it has not returned yet.
        line = lineOf(guest, tracer);
      }
      assertTrue(line.matches(" *\\d+ +\\d+ HELD +t +SECCOMP +PTRACE_CONT +in getppid"), line);
    }
  }

  private static String lineOf(TraceeHandle guest, Tracer tracer) {
    return tracer
        .diagnose()
        .lines()
        .filter(text -> text.strip().startsWith(guest.pid() + " "))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aDiagnosisDoesNotWaitForACallbackThatHangs() throws Exception {
    CountDownLatch inCallback = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    SyscallListener hanging =
        onGetppid(
            call -> {
              inCallback.countDown();
              try {
                assertTrue(release.await(20, TimeUnit.SECONDS));
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    try (Tracer tracer = Tracer.builder().listener(hanging).build()) {
      TraceeHandle guest = tracer.launch(loop(1));
      assertTrue(inCallback.await(20, TimeUnit.SECONDS));
      String diagnosis = tracer.diagnose();
      assertTrue(diagnosis.contains("busy for "), diagnosis);
      assertTrue(diagnosis.contains(WatchTest.class.getName()), diagnosis);
      assertTrue(diagnosis.contains(guest.pid() + " STOPPED"), diagnosis);
      release.countDown();
      assertEquals(0, guest.waitFor());
    }
  }
}
