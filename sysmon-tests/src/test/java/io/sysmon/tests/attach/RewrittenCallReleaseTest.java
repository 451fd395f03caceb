package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.assertAlive;
import static io.sysmon.tests.attach.Guests.assertEndsWell;
import static io.sysmon.tests.attach.Guests.assertUntouched;
import static io.sysmon.tests.attach.Guests.goOn;
import static io.sysmon.tests.attach.Guests.inCallback;
import static io.sysmon.tests.attach.Guests.maps;
import static io.sysmon.tests.attach.Guests.restless;
import static io.sysmon.tests.attach.Guests.sleepers;
import static io.sysmon.tests.attach.Guests.stop;
import static io.sysmon.tests.attach.Guests.tracer;
import static io.sysmon.tests.attach.Guests.wake;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Stranger;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that are let go while their calls are rewritten: nothing of it is left in them. */
class RewrittenCallReleaseTest {
  /** Without calls, whose names the listeners change. */
  private final Contract contract = Contract.ofAttaching(Interest.none());

  private final AtomicReference<CountDownLatch> changes =
      new AtomicReference<>(new CountDownLatch(0));

  @AfterEach
  void theContractIsKept() {
    contract.verify();
  }

  /** When the process is let go. */
  private enum When {
    AT_ANY_TIME,
    IN_THE_CALLBACK,
    WHILE_CALLS_ARE_DELAYED
  }

  /** Changes numbers, arguments, strings, buffers and results. */
  private final class Changer implements SyscallListener {
    private final When when;
    private final BlockingQueue<TraceeHandle> detached = new LinkedBlockingQueue<>();
    private int count;

    Changer(When when) {
      this.when = when;
    }

    @Override
    public Interest interest() {
      return Interest.of("getppid", "faccessat", "write");
    }

    @Override
    public void onEnter(SyscallEnter call) {
      count++;
      switch (call.name()) {
        case "getppid" -> changeParent(call);
        case "faccessat" -> call.relocateString(1, "/proc/self/status");
        default -> changeOutput(call);
      }
      if (when == When.WHILE_CALLS_ARE_DELAYED && count % 3 == 0) {
        call.delay(Duration.ofMillis(1));
      }
      changes.get().countDown();
      if (when == When.IN_THE_CALLBACK && changes.get().getCount() == 0) {
        inCallback(() -> call.task().tracee().detach());
        detached.add(call.task().tracee());
      }
    }

    private void changeParent(SyscallEnter call) {
      switch (count % 4) {
        case 0 -> call.skip(4711);
        case 1 -> call.setArg(1, 77);
        case 2 -> call.setNumber("getpgrp");
        default -> {}
      }
    }

    private void changeOutput(SyscallEnter call) {
      if (call.arg(2) == 10) {
        if (count % 2 == 0) {
          call.relocateBuffer(1, 2, new byte[70_000], true);
        } else {
          call.replaceBuffer(1, 2, new byte[3], false);
        }
      }
    }

    @Override
    public void onExit(SyscallExit call) {
      // Of getpgrp: what it would be is not what the guest expects.
      if (call.name().equals("getpgrp")) {
        call.setResult(4711);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(When.class)
  void registersResultsAndMappingsAreTheProgramsOwnAgain(When when) throws Exception {
    Changer changer = new Changer(when);
    try (Stranger calls = restless("calls 3")) {
      assertUntouched(calls);
      Set<String> before = maps(calls);
      try (Tracer tracer = tracer(contract, changer)) {
        for (int i = 0; i < 30; i++) {
          assertAlive(calls);
          changes.set(new CountDownLatch(i));
          TraceeHandle tracee = tracer.attach(calls.pid());
          assertTrue(changes.get().await(20, TimeUnit.SECONDS));
          if (when == When.IN_THE_CALLBACK) {
            assertEquals(tracee, changer.detached.poll(20, TimeUnit.SECONDS));
          }
          tracee.detach();
          changer.detached.clear();
          assertFalse(tracee.isTraced());
          assertEquals(before, maps(calls));
          assertUntouched(calls);
        }
      }
      assertEndsWell(calls);
    }
  }

  @Test
  void closingTheTracerLeavesNothingBehind() throws Exception {
    try (Stranger calls = restless("calls 3")) {
      assertUntouched(calls);
      Set<String> before = maps(calls);
      for (int i = 0; i < 20; i++) {
        assertAlive(calls);
        changes.set(new CountDownLatch(3 * i));
        try (Tracer tracer = tracer(contract, new Changer(When.WHILE_CALLS_ARE_DELAYED))) {
          tracer.attach(calls.pid());
          assertTrue(changes.get().await(20, TimeUnit.SECONDS));
        }
        assertEquals(before, maps(calls));
        assertUntouched(calls);
      }
      assertEndsWell(calls);
    }
  }

  @Test
  void aProgramInASandboxOfItsOwnIsRewrittenAndLetGo() throws Exception {
    try (Stranger calls = RestlessProcessTest.sandboxed()) {
      assertUntouched(calls);
      Set<String> before = maps(calls);
      try (Tracer tracer = tracer(contract, new Changer(When.AT_ANY_TIME))) {
        for (int i = 0; i < 10; i++) {
          assertAlive(calls);
          changes.set(new CountDownLatch(20));
          TraceeHandle tracee = tracer.attach(calls.pid());
          assertTrue(changes.get().await(20, TimeUnit.SECONDS));
          tracee.detach();
          assertEquals(before, maps(calls));
          assertUntouched(calls);
        }
      }
      assertEndsWell(calls);
    }
  }

  /** Relocates what sleeping calls point to. */
  private final class Relocator implements SyscallListener {
    @Override
    public Interest interest() {
      return Interest.enter("connect", "openat", "write", "poll", "clock_nanosleep");
    }

    @Override
    public void onEnter(SyscallEnter call) {
      switch (call.name()) {
        case "connect" -> call.relocateBuffer(1, 2, call.bytes(1, (int) call.arg(2)), false);
        case "openat" -> call.relocateString(1, call.string(1));
        case "poll" -> {
          call.relocateBuffer(0, 1, call.bytes(0, 8), false);
          call.setArg(1, 1);
        }
        case "write" -> {
          if (call.arg(2) == 7) {
            call.relocateBuffer(1, 2, new byte[7], false);
          }
        }
        default -> call.setArg(3, 0);
      }
      if (!call.isRestart()) {
        changes.get().countDown();
      }
    }
  }

  @Test
  void aCallThatSleepsRewrittenIsMadeAgainAsTheProgramWroteIt() throws Exception {
    try (Stranger sleepers = sleepers();
        Tracer tracer = tracer(contract, new Relocator())) {
      wake(sleepers);
      Set<String> before = maps(sleepers);
      for (int i = 0; i < 15; i++) {
        changes.set(new CountDownLatch(5));
        TraceeHandle tracee = tracer.attach(sleepers.pid());
        wake(sleepers);
        assertTrue(changes.get().await(20, TimeUnit.SECONDS));
        tracee.detach();
        assertEquals(before, maps(sleepers));
        wake(sleepers);
      }
      assertEndsWell(sleepers);
    }
  }

  /** The kernel keeps what the arguments were, and goes on with the call by restart_syscall. */
  @Test
  void aCallThatWasInterruptedWhileItSleptRewrittenIsMadeAgainAsTheProgramWroteIt()
      throws Exception {
    try (Stranger sleepers = sleepers("poll", "timed poll", "open", "write");
        Tracer tracer = tracer(contract, new Relocator())) {
      wake(sleepers);
      Set<String> before = maps(sleepers);
      for (int i = 0; i < 20; i++) {
        changes.set(new CountDownLatch(4));
        TraceeHandle tracee = tracer.attach(sleepers.pid());
        wake(sleepers);
        assertTrue(changes.get().await(20, TimeUnit.SECONDS));
        stop(sleepers);
        goOn(sleepers);
        tracee.detach();
        assertEquals(before, maps(sleepers));
        wake(sleepers);
      }
      assertEndsWell(sleepers);
    }
  }

  /** What a lone task waits in, with another mask than its own, no call can be injected into. */
  @ParameterizedTest
  @ValueSource(strings = {"quiet", "signal", "stop"})
  void scratchIsUnmappedByATaskThatWaitsWithAnotherMask(String meanwhile) throws Exception {
    Recorder recorder = new Recorder();
    try (Stranger guest = Stranger.guest("restless", "suspended");
        Tracer tracer = tracer(contract, new Changer(When.AT_ANY_TIME), recorder)) {
      int round = 1;
      assertEquals(round + ", 0 wrong", guest.line());
      Set<String> before = maps(guest);
      for (int i = 0; i < 20; i++) {
        TraceeHandle tracee = tracer.attach(guest.pid());
        guest.signal(Signal.SIGUSR1);
        assertEquals(++round + ", 0 wrong", guest.line(), guest::report);
        if (meanwhile.equals("signal")) {
          guest.signal(Signal.SIGUSR1);
        } else if (meanwhile.equals("stop")) {
          stop(guest);
        }
        tracee.detach();
        if (meanwhile.equals("signal")) {
          assertEquals(++round + ", 0 wrong", guest.line(), guest::report);
        } else if (meanwhile.equals("stop")) {
          assertEquals(i + 1, recorder.all(Recorder.GroupStop.class).size());
          goOn(guest);
        }
        if (!meanwhile.equals("stop")) {
          assertEquals(before, maps(guest));
        }
      }
      guest.signal(Signal.SIGUSR1);
      assertEquals(++round + ", 0 wrong", guest.line(), guest::report);
    }
  }
}
