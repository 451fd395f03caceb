package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.assertEndsWell;
import static io.sysmon.tests.attach.Guests.tracer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.SyscallRecord;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Stranger;
import io.sysmon.tests.support.Tasks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A parent that waits for its vfork child can neither be stopped nor let go before it goes on. */
class VforkReleaseTest {
  private static final Duration SOON = Duration.ofMillis(20);

  private final Contract contract = Contract.ofAttaching(Interest.all());
  private final Recorder recorder = new Recorder();

  @AfterEach
  void theContractIsKept() {
    contract.verify();
  }

  /** Its parent sleeps uninterruptibly, its child waits for a line. */
  private static Stranger inVfork(String how) throws InterruptedException {
    Stranger guest = Stranger.guest("restless", "vfork", how);
    assertEquals("in vfork", guest.line());
    while (!Tasks.statesOf(guest.pid()).contains("D") || childOf(guest) == 0) {
      Thread.sleep(1);
    }
    return guest;
  }

  private static int childOf(Stranger guest) {
    return ProcessHandle.of(guest.pid()).stream()
        .flatMap(ProcessHandle::children)
        .mapToInt(child -> (int) child.pid())
        .findFirst()
        .orElse(0);
  }

  private static void assertGoesOn(Stranger guest, String child) {
    assertEquals(child, guest.line());
    assertEquals("ready", guest.line());
    assertEndsWell(guest);
  }

  @Test
  void theParentIsLetGoWhenItsChildLetsItGoOnAndItsCallIsSeenToReturn() throws Exception {
    try (Stranger guest = inVfork("exit");
        Tracer tracer = tracer(contract, recorder)) {
      TraceeHandle parent = tracer.attach(guest.pid());
      assertEquals(List.of(), recorder.events());
      int child = childOf(guest);
      for (int i = 0; i < 10; i++) {
        assertFalse(parent.detach(i == 0 ? SOON : Duration.ZERO));
        assertTrue(parent.isTraced());
        tracer.attach(child).detach();
      }
      guest.say("");
      assertTrue(parent.detach(Duration.ofSeconds(20)));
      assertFalse(parent.isTraced());
      List<SyscallRecord> returns = recorder.exits("vfork");
      assertEquals(1, returns.size());
      assertEquals(child, new Recorder.Exit(returns.get(0)).result());
      assertEquals(List.of(), recorder.enters("vfork"));
      assertGoesOn(guest, "child exited 7");
    }
  }

  @Test
  void anInterruptEndsTheWaitButNotTheDetach() throws Exception {
    try (Stranger guest = inVfork("exec");
        Tracer tracer = tracer(contract)) {
      TraceeHandle parent = tracer.attach(guest.pid());
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, parent::detach);
      assertFalse(Thread.currentThread().isInterrupted());
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> parent.detach(Duration.ofMinutes(1)));
      CompletableFuture<Void> other = Background.run(parent::detach);
      guest.say("");
      other.get(20, TimeUnit.SECONDS);
      assertFalse(parent.isTraced());
      assertGoesOn(guest, "child exited 8");
    }
  }

  @Test
  void closingTheTracerDoesNotWaitForIt() throws Exception {
    try (Stranger guest = inVfork("exec")) {
      TraceeHandle parent;
      long begin;
      try (Tracer tracer = tracer(contract)) {
        parent = tracer.attach(guest.pid());
        tracer.attach(childOf(guest));
        begin = System.nanoTime();
      }
      Duration closing = Duration.ofNanos(System.nanoTime() - begin);
      assertTrue(closing.compareTo(Duration.ofSeconds(8)) < 0, closing::toString);
      assertFalse(parent.isTraced());
      guest.say("");
      assertGoesOn(guest, "child exited 8");
    }
  }

  @Test
  void aTracedParentIsLetGoWhenItsTracedChildLetsItGoOn() throws Exception {
    Recorder quiet = new Recorder(Interest.none());
    Contract launched = Contract.of(Interest.all());
    try (Tracer tracer = tracer(launched, quiet)) {
      TraceeHandle parent = tracer.launch(Alike.guest("restless", "vfork", "exec"));
      assertEquals("in vfork", parent.process().inputReader().readLine());
      int child = quiet.await(Recorder.Fork.class, fork -> true).childTid();
      assertFalse(parent.detach(SOON));
      TraceeHandle other =
          quiet.await(Recorder.Start.class, start -> start.tid() == child).task().tracee();
      // Of one that is no child of this JVM the end is not known here.
      assertTrue(other.detach(Duration.ofSeconds(20)));
      assertThrows(IllegalTraceeStateException.class, other::waitFor);
      parent.process().getOutputStream().write('\n');
      parent.process().getOutputStream().close();
      assertTrue(parent.detach(Duration.ofSeconds(20)));
      assertEquals(0, parent.waitFor());
      assertEquals(
          "child exited 8\nready\n0 of 0 loops ended, 0 wrong\n",
          new String(parent.process().getInputStream().readAllBytes(), UTF_8));
    }
    launched.verify();
  }
}
