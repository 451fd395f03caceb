package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.Moves;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Guest;
import java.io.BufferedReader;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Processes that are handed over from one thread of a tracer to another while they run. */
class HandoverTest {
  private static final int THREADS = 3;

  /** Counts the numbered calls, and sees to it that a process's callbacks come one at a time. */
  private static final class Counter implements SyscallListener, TraceeListener {
    private final Interest interest;
    private final Map<String, Integer> entries = new ConcurrentHashMap<>();
    private final Map<String, Integer> exits = new ConcurrentHashMap<>();
    private final Map<Integer, Thread> current = new ConcurrentHashMap<>();
    private final Set<String> threads = ConcurrentHashMap.newKeySet();
    private final AtomicInteger overlaps = new AtomicInteger();

    Counter(Interest interest) {
      this.interest = interest;
    }

    @Override
    public Interest interest() {
      return interest;
    }

    @Override
    public void onEnter(SyscallEnter call) {
      alone(
          call.task(),
          () -> {
            if (isNumbered(call.name(), call.arg(2)) && !call.isRestart()) {
              entries.merge(call.pid() + " " + call.arg(2) + " " + call.arg(1), 1, Integer::sum);
            }
          });
    }

    @Override
    public void onExit(SyscallExit call) {
      alone(
          call.task(),
          () -> {
            if (isNumbered(call.name(), call.arg(2))) {
              assertEquals(-9, call.result());
              exits.merge(call.pid() + " " + call.arg(2) + " " + call.arg(1), 1, Integer::sum);
            }
          });
    }

    private static boolean isNumbered(String name, long mark) {
      return name.equals("lseek") && mark >= 4000 && mark < 5000;
    }

    private void alone(TraceeTask task, Runnable callback) {
      Thread now = Thread.currentThread();
      threads.add(now.getName());
      if (current.put(task.pid(), now) != null) {
        overlaps.incrementAndGet();
      }
      callback.run();
      if (current.remove(task.pid()) != now) {
        overlaps.incrementAndGet();
      }
    }

    /** Of each process and thread: how many different numbers. */
    private static Map<String, Integer> numbers(Map<String, Integer> calls) {
      Map<String, Integer> numbers = new TreeMap<>();
      calls.forEach(
          (call, times) -> {
            assertEquals(1, times, call);
            numbers.merge(call.substring(0, call.lastIndexOf(' ')), 1, Integer::sum);
          });
      return numbers;
    }

    /** The process made so many numbered calls on each of its threads, and each child its ten. */
    void expect(int pid, int threads, int calls, int children) {
      for (Map<String, Integer> told : List.of(entries, exits)) {
        if (told == exits && !interest.wantsExit("lseek")) {
          assertEquals(Map.of(), told);
          continue;
        }
        Map<String, Integer> numbers = numbers(told);
        for (int i = 0; i < threads; i++) {
          assertEquals(calls, numbers.remove(pid + " " + (4000 + i)));
        }
        assertEquals(children, numbers.size());
        numbers.values().forEach(made -> assertEquals(10, made));
      }
      assertEquals(0, overlaps.get());
    }
  }

  /** Moves a process as long as it lives, and others after it until there were enough moves. */
  private static void movesAreNotNoticed(
      Interest interest, int threads, int calls, String what, int leastMoves) throws Exception {
    Cpu.X86_64.assume();
    Set<String> tracerThreads = new HashSet<>();
    int moves = 0;
    while (moves < leastMoves) {
      Counter counter = new Counter(interest);
      moves += movesOfOneAreNotNoticed(counter, threads, calls, what);
      tracerThreads.addAll(counter.threads);
    }
    assertTrue(tracerThreads.size() > 1, tracerThreads::toString);
  }

  private static int movesOfOneAreNotNoticed(Counter counter, int threads, int calls, String what)
      throws Exception {
    try (Tracer tracer = Tracer.builder().tracerThreads(THREADS).listener(counter).build()) {
      TraceeHandle guest =
          tracer.launch(
              new ProcessBuilder(
                  Guest.compile("moved", "-pthread").toString(), "" + threads, "" + calls, what));
      int moves = 0;
      while (guest.isAlive()) {
        moves += Moves.move(tracer, guest.pid()) ? 1 : 0;
      }
      String said;
      try (BufferedReader output = guest.process().inputReader()) {
        said = output.readLine();
      }
      assertTrue(said.startsWith("ok "), said);
      assertEquals(0, guest.waitFor());
      tracer.awaitTracees();
      counter.expect(guest.pid(), threads, calls, Integer.parseInt(said.substring(3)));
      return moves;
    }
  }

  /** Where the kernel does not restart a call whose registers are put back in another's stop. */
  @Test
  void onAarch64NoProcessIsHandedOver() throws Exception {
    Cpu.AARCH64.assume();
    Counter counter = new Counter(Interest.all());
    try (Tracer tracer = Tracer.builder().tracerThreads(THREADS).listener(counter).build()) {
      TraceeHandle guest =
          tracer.launch(
              new ProcessBuilder(Guest.compile("moved", "-pthread").toString(), "2", "50", "n"));
      do {
        assertFalse(Moves.move(tracer, guest.pid()));
      } while (guest.isAlive());
      assertEquals(0, guest.waitFor());
      tracer.awaitTracees();
      counter.expect(guest.pid(), 2, 50, 0);
      assertEquals(1, counter.threads.size());
    }
  }

  @Test
  void noCallOfABusyProcessIsMissedOrToldTwice() throws Exception {
    movesAreNotNoticed(Interest.all(), 1, 5000, "-", 20);
  }

  @Test
  void noCallOfAFilteredProcessIsMissedOrToldTwice() throws Exception {
    movesAreNotNoticed(Interest.enter("lseek"), 1, 5000, "n", 20);
  }

  @Test
  void noWaitEndsEarlyOrInterrupted() throws Exception {
    movesAreNotNoticed(Interest.all(), 4, 500, "nefsp", 20);
  }

  @Test
  void noSleepingCallOfAFilteredProcessIsToldTwice() throws Exception {
    movesAreNotNoticed(
        Interest.enter("lseek", "nanosleep", "epoll_wait", "futex", "read"), 4, 500, "nefsp", 20);
  }

  @Test
  void signalsComeAllTheSame() throws Exception {
    movesAreNotNoticed(Interest.all(), 3, 500, "nefspi", 20);
  }

  @Test
  void childrenAreTracedFromTheirFirstCallOn() throws Exception {
    movesAreNotNoticed(Interest.all(), 3, 500, "npc", 20);
  }
}
