package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Guest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** {@code TraceeHandle.stopTime}: what tracing has cost a process. */
class StopTimeTest {
  private static final int CALLS = 1000;
  private static final Duration HELD = Duration.ofMillis(50);

  private static TraceeHandle run(SyscallListener listener) throws Exception {
    try (Tracer tracer = Tracer.builder().listener(listener).build()) {
      TraceeHandle loop =
          tracer.launch(new ProcessBuilder(Guest.compile("loop").toString(), "" + CALLS));
      assertEquals(0, loop.waitFor());
      return loop;
    }
  }

  @Test
  void bothStopsOfEachCallAreCounted() throws Exception {
    TraceeHandle loop = run(new SyscallListener() {});
    assertTrue(loop.stopTime().stops() >= 2 * CALLS, loop.stopTime()::toString);
    assertTrue(loop.stopTime().stops() < 3 * CALLS, loop.stopTime()::toString);
    assertTrue(loop.stopTime().duration().toNanos() > 0);
  }

  @Test
  void theTimeThatACallIsHeldCounts() throws Exception {
    AtomicBoolean once = new AtomicBoolean();
    TraceeHandle loop =
        run(
            SyscallListener.onEnter(
                Interest.enter("getppid"),
                call -> {
                  if (once.compareAndSet(false, true)) {
                    call.delay(HELD);
                  }
                }));
    assertTrue(loop.stopTime().duration().compareTo(HELD) >= 0, loop.stopTime()::toString);
  }

  /** Takes its time, and measures it. */
  private static final class Busy implements SyscallListener {
    private static final long EACH_NANOS = 200_000;
    private final AtomicLong nanos = new AtomicLong();

    @Override
    public Interest interest() {
      return Interest.enter("getppid");
    }

    @Override
    public void onEnter(SyscallEnter call) {
      long begin = System.nanoTime();
      while (System.nanoTime() - begin < EACH_NANOS) {
        Thread.onSpinWait();
      }
      nanos.addAndGet(System.nanoTime() - begin);
    }
  }

  @Test
  void itIsNotLessThanCallbacksHaveTakenNorMoreThanHasPassed() throws Exception {
    Busy busy = new Busy();
    long begin = System.nanoTime();
    TraceeHandle loop = run(busy);
    long passed = System.nanoTime() - begin;
    long stopped = loop.stopTime().duration().toNanos();
    assertTrue(stopped >= busy.nanos.get(), stopped + " < " + busy.nanos);
    assertTrue(stopped <= passed, stopped + " > " + passed);
  }
}
