package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.assertAlive;
import static io.sysmon.tests.attach.Guests.assertEndsWell;
import static io.sysmon.tests.attach.Guests.inCallback;
import static io.sysmon.tests.attach.Guests.restless;
import static io.sysmon.tests.attach.Guests.sleepers;
import static io.sysmon.tests.attach.Guests.tracer;
import static io.sysmon.tests.attach.Guests.wake;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.HeldCall;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallRecord;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.Verdict;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Stranger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** System calls that tasks sleep in while their process is attached and detached. */
class SleepingCallsTest {
  private final Contract contract = Contract.ofAttaching(Interest.all());

  private static SyscallListener onEnter(String name, Consumer<SyscallEnter> callback) {
    return SyscallListener.onEnter(Interest.enter(name), callback);
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T element = queue.poll(20, TimeUnit.SECONDS);
    assertTrue(element != null, "Nothing came");
    return element;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noneIsInterruptedByHundredsOfAttachments(boolean calls) throws Exception {
    Contract all = Contract.ofAttaching(calls ? Interest.all() : Interest.none());
    try (Stranger sleepers = sleepers();
        Tracer tracer = tracer(all)) {
      for (int i = 0; i < 200; i++) {
        tracer.attach(sleepers.pid()).detach();
        if (i % 20 == 0) {
          wake(sleepers);
        }
      }
      wake(sleepers);
      assertEndsWell(sleepers);
    }
    all.verify();
  }

  /** What the guest says of the calls that its threads make. */
  private record Expected(int tid, long result, int number, List<Long> arguments) {
    static Expected parse(String line) {
      String[] words = line.split(" ", -1);
      List<Long> arguments = new ArrayList<>();
      for (int i = 3; i < words.length; i++) {
        arguments.add(Long.parseUnsignedLong(words[i], 16));
      }
      return new Expected(
          Integer.parseInt(words[0]),
          Long.parseLong(words[1]),
          Integer.parseInt(words[2]),
          arguments);
    }

    boolean isOf(SyscallRecord call) {
      return call.tid() == tid
          && call.number() == number
          && arguments.equals(call.args().subList(0, arguments.size()));
    }

    /** Some give a new descriptor; for others a handler makes EINTR of the restart code. */
    boolean isResult(long actual) {
      return switch ((int) result) {
        case Integer.MAX_VALUE -> actual > 2;
        case -4 -> actual == -514;
        default -> actual == result;
      };
    }
  }

  private static List<Expected> list(Stranger sleepers) {
    List<Expected> expected = new ArrayList<>();
    for (String line = sleepers.ask("list"); !line.equals("listed"); line = sleepers.line()) {
      expected.add(Expected.parse(line));
    }
    return expected;
  }

  @Test
  void theCallInProgressIsShownAsTheProgramMadeIt() throws Exception {
    Recorder recorder = new Recorder();
    try (Stranger sleepers = sleepers();
        Tracer tracer = tracer(contract, recorder)) {
      List<Expected> expected = list(sleepers);
      assertTrue(expected.size() > 25, expected::toString);
      tracer.attach(sleepers.pid());
      for (Expected call : expected) {
        recorder.await(Recorder.Enter.class, enter -> call.isOf(enter.call()));
      }
      wake(sleepers);
      for (Expected call : expected) {
        recorder.await(
            Recorder.Exit.class, exit -> call.isOf(exit.call()) && call.isResult(exit.result()));
      }
    }
    contract.verify();
  }

  @Test
  void theCallInProgressIsEnteredAgainAsARestart() throws Exception {
    BlockingQueue<String> entries = new LinkedBlockingQueue<>();
    SyscallListener listener =
        SyscallListener.onEnter(
            Interest.enter("poll", "epoll_wait", "restart_syscall"),
            call -> entries.add(call.name() + " " + call.isRestart()));
    for (String kind : List.of("poll", "epoll_wait", "timed poll")) {
      try (Stranger sleepers = sleepers(kind);
          Tracer tracer = tracer(listener)) {
        tracer.attach(sleepers.pid());
        String name = kind.equals("timed poll") ? "poll" : kind;
        assertEquals(name + " true", next(entries));
        wake(sleepers);
        assertEquals(name + " false", next(entries));
      }
      entries.clear();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"epoll_wait", "epoll_pwait", "recvfrom", "semop", "rt_sigtimedwait", "connect"})
  void noneIsInterruptedByADetachInTheCallbackOfItsEntry(String name) throws Exception {
    BlockingQueue<TraceeHandle> detached = new LinkedBlockingQueue<>();
    SyscallListener detaching =
        onEnter(
            name,
            call -> {
              inCallback(() -> call.task().tracee().detach());
              detached.add(call.task().tracee());
            });
    try (Stranger sleepers = sleepers();
        Tracer tracer = tracer(contract, detaching)) {
      for (int i = 0; i < 5; i++) {
        tracer.attach(sleepers.pid());
        TraceeHandle tracee = next(detached);
        tracee.detach();
        assertFalse(tracee.isTraced());
        detached.clear();
        wake(sleepers);
      }
      assertEndsWell(sleepers);
    }
    contract.verify();
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll_wait", "accept4", "semtimedop", "clock_nanosleep", "read"})
  void aHeldCallGoesOnWhenItsProcessIsLetGo(String name) throws Exception {
    BlockingQueue<HeldCall> held = new LinkedBlockingQueue<>();
    SyscallListener holding =
        onEnter(name, call -> held.add(call.hold(Duration.ofMinutes(1), Verdict.skip(4711))));
    try (Stranger sleepers = sleepers();
        Tracer tracer = tracer(contract, holding)) {
      for (int i = 0; i < 5; i++) {
        TraceeHandle tracee = tracer.attach(sleepers.pid());
        HeldCall call = next(held);
        tracee.detach();
        assertFalse(call.answered().get(20, TimeUnit.SECONDS));
        IllegalTraceeStateException refused =
            assertThrows(IllegalTraceeStateException.class, call::proceed);
        assertTrue(
            String.valueOf(refused.getMessage()).endsWith("its process was detached"),
            refused::toString);
        held.clear();
        wake(sleepers);
      }
      assertEndsWell(sleepers);
    }
    contract.verify();
  }

  @Test
  void anAnswerIsCarriedOutOrRefusedWhenItsProcessIsLetGoAtTheSameTime() throws Exception {
    BlockingQueue<HeldCall> held = new LinkedBlockingQueue<>();
    AtomicInteger skipped = new AtomicInteger();
    int answered = 0;
    SyscallListener holding =
        new SyscallListener() {
          @Override
          public Interest interest() {
            return Interest.of("getppid");
          }

          @Override
          public void onEnter(SyscallEnter call) {
            held.add(call.hold(Duration.ofMinutes(1), Verdict.skip(1)));
          }

          @Override
          public void onExit(SyscallExit call) {
            skipped.addAndGet(call.result() == 4711 ? 1 : 0);
          }
        };
    try (Stranger calls = restless("calls 1");
        Tracer tracer = tracer(contract, holding)) {
      for (int i = 0; i < 60; i++) {
        TraceeHandle tracee = tracer.attach(calls.pid());
        HeldCall call = next(held);
        CompletableFuture<Void> detached = Background.run(tracee::detach);
        try {
          call.skip(4711);
          answered++;
        } catch (IllegalTraceeStateException e) {
          assertFalse(call.answered().get(20, TimeUnit.SECONDS));
        }
        detached.get(20, TimeUnit.SECONDS);
        held.clear();
        assertAlive(calls);
      }
      assertEndsWell(calls);
    }
    assertEquals(answered, skipped.get());
    contract.verify();
  }
}
