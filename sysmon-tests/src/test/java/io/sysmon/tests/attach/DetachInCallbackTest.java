package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.assertAlive;
import static io.sysmon.tests.attach.Guests.assertEndsWell;
import static io.sysmon.tests.attach.Guests.goOn;
import static io.sysmon.tests.attach.Guests.inCallback;
import static io.sysmon.tests.attach.Guests.restless;
import static io.sysmon.tests.attach.Guests.stop;
import static io.sysmon.tests.attach.Guests.tracer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Stranger;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processes that are let go, or attached, by the listeners that are told of them. */
class DetachInCallbackTest {
  private static final int ROUNDS = 20;

  private final Contract contract = Contract.ofAttaching(Interest.all());

  /** Lets a process go in the first callback of one kind that is told of one of its tasks. */
  private static final class Detacher implements SyscallListener, TraceeListener {
    private final String callback;
    private final int pid;
    private final Interest interest;
    private final BlockingQueue<TraceeHandle> detached = new LinkedBlockingQueue<>();
    private volatile boolean armed;

    Detacher(String callback, int pid, Interest interest) {
      this.callback = callback;
      this.pid = pid;
      this.interest = interest;
    }

    private void in(String called, TraceeTask task) {
      if (armed && called.equals(callback) && task.pid() == pid) {
        armed = false;
        inCallback(() -> task.tracee().detach());
        // It waits for nothing, and does nothing more.
        inCallback(() -> task.tracee().detach(Duration.ofHours(1)));
        detached.add(task.tracee());
      }
    }

    @Override
    public Interest interest() {
      return interest;
    }

    @Override
    public void onEnter(SyscallEnter call) {
      in("onEnter", call.task());
    }

    @Override
    public void onExit(SyscallExit call) {
      in("onExit of a call", call.task());
    }

    @Override
    public void onStart(TraceeTask task) {
      in("onStart", task);
    }

    @Override
    public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
      in("onFork", parent);
    }

    @Override
    public void onExec(TraceeTask task, int formerTid) {
      in("onExec", task);
    }

    @Override
    public void onSignal(SignalStop stop) {
      in("onSignal", stop.task());
    }

    @Override
    public void onGroupStop(TraceeTask task, Signal signal) {
      in("onGroupStop", task);
    }

    @Override
    public void onExit(TraceeTask task, ExitStatus status) {
      in("onExit of a task", task);
    }

    @Override
    public void onDetach(TraceeTask task) {
      in("onDetach", task);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "onEnter, calls, all",
    "onExit of a call, calls, all",
    "onStart, calls, all",
    "onStart, creators, none",
    "onStart, chains, all",
    "onFork, creators, none",
    "onFork, creators, all",
    "onFork, forks, none",
    "onFork, forks, all",
    "onExec, execs leader, none",
    "onExec, execs thread, all",
    "onSignal, alarms, none",
    "onSignal, alarms, all",
    "onExit of a task, creators, none",
    "onExit of a task, chains, all"
  })
  void theProcessIsLetGoAndGoesOn(String callback, String words, String calls) throws Exception {
    try (Stranger guest = restless(words)) {
      Detacher detacher =
          new Detacher(
              callback, guest.pid(), calls.equals("all") ? Interest.all() : Interest.none());
      try (Tracer tracer = tracer(contract, detacher)) {
        for (int i = 0; i < ROUNDS; i++) {
          detacher.armed = true;
          TraceeHandle attached = tracer.attach(guest.pid());
          TraceeHandle detached = detacher.detached.poll(20, TimeUnit.SECONDS);
          assertEquals(attached, detached);
          attached.detach();
          assertFalse(attached.isTraced());
          if (i % 5 == 0) {
            assertAlive(guest);
          }
        }
      }
      assertEndsWell(guest);
    }
    contract.verify();
  }

  @Test
  void aStoppedProcessIsLetGoAndStaysStopped() throws Exception {
    try (Stranger guest = restless("threads 5")) {
      Detacher detacher = new Detacher("onGroupStop", guest.pid(), Interest.all());
      try (Tracer tracer = tracer(contract, detacher)) {
        for (int i = 0; i < ROUNDS; i++) {
          detacher.armed = true;
          TraceeHandle attached = tracer.attach(guest.pid());
          stop(guest);
          assertEquals(attached, detacher.detached.poll(20, TimeUnit.SECONDS));
          attached.detach();
          goOn(guest);
        }
      }
      assertAlive(guest);
      assertEndsWell(guest);
    }
    contract.verify();
  }

  @Test
  void aSignalIsDeliveredToAProcessThatIsLetGoInItsCallback() throws Exception {
    try (Stranger guest = Stranger.guest("restless", "suspended")) {
      assertEquals("1, 0 wrong", guest.line());
      Detacher detacher = new Detacher("onSignal", guest.pid(), Interest.all());
      try (Tracer tracer = tracer(contract, detacher)) {
        for (int i = 2; i < 2 + ROUNDS; i++) {
          detacher.armed = true;
          TraceeHandle attached = tracer.attach(guest.pid());
          guest.signal(Signal.SIGUSR1);
          assertEquals(attached, detacher.detached.poll(20, TimeUnit.SECONDS));
          attached.detach();
          assertEquals(i + ", 0 wrong", guest.line());
        }
      }
    }
    contract.verify();
  }

  @Test
  void aProcessMayBeAttachedInACallbackOfAnother() throws Exception {
    AtomicReference<CompletableFuture<TraceeHandle>> wanted = new AtomicReference<>();
    try (Stranger one = restless("calls 1");
        Stranger two = restless("threads 3")) {
      Tracer[] tracer = new Tracer[1];
      SyscallListener attaching =
          SyscallListener.onEnter(
              Interest.enter("lseek"),
              call -> {
                CompletableFuture<TraceeHandle> attached = wanted.getAndSet(null);
                if (attached != null) {
                  attached.complete(tracer[0].attach(two.pid()));
                }
              });
      tracer[0] = tracer(contract, attaching);
      try (Tracer closed = tracer[0]) {
        for (int i = 0; i < ROUNDS; i++) {
          CompletableFuture<TraceeHandle> attached = new CompletableFuture<>();
          wanted.set(attached);
          TraceeHandle first = closed.attach(one.pid());
          TraceeHandle second = attached.get(20, TimeUnit.SECONDS);
          first.detach();
          second.detach();
          assertAlive(two);
        }
      }
      assertEndsWell(one);
      assertEndsWell(two);
    }
    contract.verify();
  }
}
