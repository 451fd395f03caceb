package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.assertAlive;
import static io.sysmon.tests.attach.Guests.assertEndsWell;
import static io.sysmon.tests.attach.Guests.inCallback;
import static io.sysmon.tests.attach.Guests.tracer;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Breakpoint;
import io.sysmon.CodeStop;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Stranger;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processes that are let go while their threads meet breakpoints: no trap reaches the program. */
class BreakpointReleaseTest {
  private final Contract contract = Contract.ofAttaching(Interest.none());
  private final Set<Signal> signals = ConcurrentHashMap.newKeySet();
  private final TraceeListener witness =
      new TraceeListener() {
        @Override
        public void onSignal(SignalStop stop) {
          signals.add(stop.signal());
        }
      };

  /** A guest with threads that call one function as often as they can, and where that is. */
  private record Guest(Stranger stranger, long target) implements AutoCloseable {
    static Guest start(int threads) {
      Stranger stranger = Stranger.guest("restless", "targets", threads);
      long target = Long.parseLong(stranger.line());
      assertEquals("ready", stranger.line());
      return new Guest(stranger, target);
    }

    @Override
    public void close() {
      stranger.close();
    }
  }

  private static Consumer<CodeStop> counting(CountDownLatch hits) {
    return stop -> hits.countDown();
  }

  private static void await(CountDownLatch hits) throws InterruptedException {
    assertTrue(hits.await(20, TimeUnit.SECONDS), () -> hits.getCount() + " hits are missing");
  }

  @AfterEach
  void nothingElseWasSeen() {
    assertEquals(Set.of(), signals);
    contract.verify();
  }

  @ParameterizedTest
  @CsvSource({"none, false", "all, false", "none, true"})
  void noTrapReachesThreadsThatMeetItAtTheSameTime(String interest, boolean steps)
      throws Exception {
    Contract each = Contract.ofAttaching(interest.equals("all") ? Interest.all() : Interest.none());
    try (Guest guest = Guest.start(4);
        Tracer tracer = tracer(each, witness)) {
      for (int i = 0; i < 40; i++) {
        TraceeHandle tracee = tracer.attach(guest.stranger.pid());
        CountDownLatch hits = new CountDownLatch(1 + i % 8);
        tracee.setBreakpoint(
            guest.target,
            stop -> {
              hits.countDown();
              if (steps) {
                stop.step(next -> next.step(last -> {}));
              }
            });
        await(hits);
        tracee.detach();
        assertFalse(tracee.isTraced());
      }
      assertAlive(guest.stranger);
      assertEndsWell(guest.stranger);
    }
    each.verify();
  }

  @Test
  void theCodeIsWhatItWas() throws Exception {
    try (Guest guest = Guest.start(2);
        Tracer tracer = tracer(contract, witness)) {
      TraceeHandle tracee = tracer.attach(guest.stranger.pid());
      byte[] code = tracee.memory().read(guest.target, 32);
      CountDownLatch hits = new CountDownLatch(2);
      Breakpoint breakpoint = tracee.setBreakpoint(guest.target, counting(hits));
      await(hits);
      tracee.detach();
      breakpoint.remove();
      TraceeHandle again = tracer.attach(guest.stranger.pid());
      assertArrayEquals(code, again.memory().read(guest.target, 32));
      again.detach();
      assertEndsWell(guest.stranger);
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aProcessIsLetGoInTheCallbackOfItsBreakpointOrStep(boolean step) throws Exception {
    BlockingQueue<TraceeHandle> detached = new LinkedBlockingQueue<>();
    Consumer<CodeStop> detaching =
        stop -> {
          inCallback(() -> stop.task().tracee().detach());
          detached.add(stop.task().tracee());
        };
    try (Guest guest = Guest.start(3);
        Tracer tracer = tracer(contract, witness)) {
      for (int i = 0; i < 30; i++) {
        TraceeHandle tracee = tracer.attach(guest.stranger.pid());
        tracee.setBreakpoint(guest.target, step ? stop -> stop.step(detaching) : detaching);
        assertEquals(tracee, detached.poll(20, TimeUnit.SECONDS));
        tracee.detach();
        assertFalse(tracee.isTraced());
        detached.clear();
      }
      assertAlive(guest.stranger);
      assertEndsWell(guest.stranger);
    }
  }

  @Test
  void closingTheTracerRemovesIt() throws Exception {
    try (Guest guest = Guest.start(4)) {
      for (int i = 0; i < 20; i++) {
        CountDownLatch hits = new CountDownLatch(3);
        try (Tracer tracer = tracer(contract, witness)) {
          tracer.attach(guest.stranger.pid()).setBreakpoint(guest.target, counting(hits));
          await(hits);
        }
      }
      assertAlive(guest.stranger);
      assertEndsWell(guest.stranger);
    }
  }
}
