package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.sysmon.Interest;
import io.sysmon.Placement;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Guest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A stop that the listener ignores allocates nothing on the tracer's thread. */
class AllocationTest {
  private static final int WARM_UP = 8_000;
  private static final int ROUNDS = 10;
  private static final int CALLS = 2_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Sees every stop and looks at none. */
  private static final class Ignoring implements SyscallListener, TraceeListener {}

  /** Sees every stop and looks at what costs nothing. */
  private static final class Glancing implements SyscallListener {
    long sum;

    @Override
    public void onEnter(SyscallEnter call) {
      sum += call.number() + call.arg(0) + call.tid() + call.nanoTime() + call.pid();
      sum += call.name().length() + call.abi().wordSize() + call.instructionPointer();
    }

    @Override
    public void onExit(SyscallExit call) {
      sum += call.result() + call.durationNanos() + (call.failed() ? 1 : 0);
    }
  }

  @Test
  void emptyCallbacksForEveryCall() throws Exception {
    assertNothingIsAllocated(new Ignoring());
  }

  @Test
  void callbacksThatReadNumbersOnly() throws Exception {
    Glancing glancing = new Glancing();
    assertNothingIsAllocated(glancing);
    assertTrue(glancing.sum != 0);
  }

  @Test
  void anInterestThatDoesNotSelectTheCall() throws Exception {
    SyscallListener narrow =
        new SyscallListener() {
          @Override
          public Interest interest() {
            return Interest.of("openat");
          }
        };
    assertNothingIsAllocated(narrow);
  }

  /**
   * Asserts that rounds of calls allocate nothing at all. The compiler, when it exchanges running
   * code, may allocate a few objects once: that can touch a round or two, but not most of them.
   */
  private static void assertNothingIsAllocated(SyscallListener listener) throws Exception {
    List<Thread> before = tracerThreads();
    // A trial of a place on another CPU allocates, now and then, on a busy machine.
    try (Tracer tracer = Tracer.builder().placement(Placement.OFF).listener(listener).build()) {
      List<Thread> added = tracerThreads();
      added.removeAll(before);
      assertEquals(1, added.size());
      long thread = added.get(0).getId();
      TraceeHandle hot = tracer.launch(new ProcessBuilder(Guest.compile("hot").toString()));
      BufferedReader output = hot.process().inputReader();
      OutputStream input = hot.process().getOutputStream();
      run(input, output, WARM_UP);
      List<Long> allocated = new ArrayList<>();
      long last = THREADS.getThreadAllocatedBytes(thread);
      assertTrue(last > 0);
      for (int round = 0; round < ROUNDS; round++) {
        run(input, output, CALLS);
        // The guest waits for its input meanwhile.
        long now = THREADS.getThreadAllocatedBytes(thread);
        allocated.add(now - last);
        last = now;
      }
      input.close();
      assertEquals(0, hot.waitFor());
      assertTrue(
          allocated.stream().filter(bytes -> bytes == 0).count() >= ROUNDS - 2,
          () -> "Bytes allocated in rounds of " + CALLS + " calls: " + allocated);
    }
  }

  private static void run(OutputStream input, BufferedReader output, int calls) throws IOException {
    input.write((calls + "\n").getBytes(StandardCharsets.US_ASCII));
    input.flush();
    assertEquals("done", output.readLine());
  }

  private static List<Thread> tracerThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("sysmon-tracer-"))
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
