package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Children that the host application starts by itself, while a tracer is at work. */
class HostChildrenTest {
  private static final int CHILDREN = 1_000;
  private static final int THREADS = 4;

  @Test
  void noneOfAThousandIsLostOrHasAWrongExitValue() throws Exception {
    AtomicLong stops = new AtomicLong();
    SyscallListener counter =
        SyscallListener.onEnter(Interest.enter("getppid"), call -> stops.incrementAndGet());
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Tracer tracer = Tracer.builder().listener(counter).build()) {
      TraceeHandle hot =
          tracer.launch(new ProcessBuilder(Guest.compile("loop").toString(), "1000000000"));
      TraceeHandle forking =
          tracer.launch(new ProcessBuilder("sh", "-c", "while :; do (exit 3); (exit 4); done"));
      List<Future<Integer>> exits = new ArrayList<>();
      for (int i = 0; i < CHILDREN; i++) {
        String code = Integer.toString(i % 256);
        Callable<Integer> child =
            () -> new ProcessBuilder("sh", "-c", "exit " + code).start().waitFor();
        exits.add(threads.submit(child));
      }
      long before = stops.get();
      for (int i = 0; i < CHILDREN; i++) {
        assertEquals(i % 256, exits.get(i).get(30, TimeUnit.SECONDS), "child " + i);
      }
      assertTrue(stops.get() > before, "The tracee made no call meanwhile");
      assertTrue(hot.isAlive() && forking.isAlive());
      hot.kill();
      assertEquals(137, hot.waitFor());
      forking.kill();
      assertEquals(137, forking.waitFor());
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aChildThatACallbackStartsAndWaitsForHasItsOwnExitValue() {
    List<Integer> exits = new ArrayList<>();
    TraceeListener starter =
        new TraceeListener() {
          @Override
          public void onStart(TraceeTask task) {
            exits.add(run(20));
          }

          @Override
          public void onExec(TraceeTask task, int formerTid) {
            exits.add(run(21));
          }

          @Override
          public void onExit(TraceeTask task, ExitStatus status) {
            exits.add(run(22));
          }

          private int run(int code) {
            try {
              return new ProcessBuilder("sh", "-c", "exit " + code).start().waitFor();
            } catch (IOException | InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        };
    ProcessBuilder command = new ProcessBuilder("sh", "-c", "(exit 5); echo $?; exit 6");
    assertEquals(new Outcome("5\n", "", 6), Outcome.traced(command, starter));
    assertEquals(List.of(20, 21, 20, 22, 22), exits);
  }

  @Test
  void childrenThatCallbacksStartAndNobodyWaitsForAreReapedByTheJdkAlone() throws Exception {
    List<Process> started = new ArrayList<>();
    SyscallListener starter =
        SyscallListener.onEnter(
            Interest.enter("getppid"),
            call -> {
              try {
                started.add(new ProcessBuilder("sh", "-c", "exit " + (started.size() + 1)).start());
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    ProcessBuilder loop = new ProcessBuilder(Guest.compile("loop").toString(), "100");
    assertEquals(new Outcome("", "", 0), Outcome.traced(loop, starter));
    assertEquals(100, started.size());
    for (int i = 0; i < started.size(); i++) {
      assertEquals(i + 1, started.get(i).waitFor());
    }
  }
}
