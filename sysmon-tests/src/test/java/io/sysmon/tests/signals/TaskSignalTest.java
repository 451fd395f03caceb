package io.sysmon.tests.signals;

import static io.sysmon.tests.signals.Signalled.guest;
import static io.sysmon.tests.signals.Signalled.onSignal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.SigInfo;
import io.sysmon.Signal;
import io.sysmon.TraceException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.io.BufferedReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals that are sent to one task. */
class TaskSignalTest {
  private static final int SIGRTMIN = 34;
  private static final int SIGRTMAX = 64;

  /** Talks with a guest that says that it is ready, and ends with its input. */
  private interface Talk {
    void with(TraceeHandle tracee, BufferedReader output) throws Exception;
  }

  private static void talk(ProcessBuilder guest, Talk talk, Listener... listeners)
      throws Exception {
    Tracer.Builder builder = Tracer.builder();
    for (Listener listener : listeners) {
      builder.listener(listener);
    }
    try (Tracer tracer = builder.build()) {
      TraceeHandle tracee = tracer.launch(guest);
      try (BufferedReader output = tracee.process().inputReader()) {
        assertEquals("ready", output.readLine());
        talk.with(tracee, output);
        tracee.process().getOutputStream().close();
        output.transferTo(Writer.nullWriter());
      }
      assertEquals(0, tracee.waitFor());
    }
  }

  @Test
  void itReachesTheTaskAndNoOther() throws Exception {
    talk(
        guest("verbs", "threads"),
        (tracee, output) -> {
          List<TraceeTask> tasks = tracee.tasks();
          assertEquals(2, tasks.size());
          for (int i = 0; i < 20; i++) {
            tasks.get(i % 2).signal(Signal.of(i % 3 + 10));
            assertEquals(
                (i % 2 == 0 ? "leader" : "thread") + " got " + (i % 3 + 10) + " code -6 value 0",
                output.readLine());
          }
        });
  }

  @Test
  void itCarriesAValue() throws Exception {
    Recorder recorder = new Recorder(Interest.none());
    talk(
        guest("verbs", "threads"),
        (tracee, output) -> {
          tracee.tasks().get(1).signal(Signal.SIGUSR2, 0x1234_5678_9abcL);
          assertEquals("thread got 12 code -1 value " + 0x5678_9abc, output.readLine());
        },
        recorder);
    SigInfo info = recorder.all(Recorder.Delivery.class).get(0).info();
    assertEquals(0x1234_5678_9abcL, info.value());
    assertEquals(SigInfo.SI_QUEUE, info.code());
    assertEquals(ProcessHandle.current().pid(), info.pid());
  }

  @Test
  void thoseWithValuesAreDeliveredByNumberAndThenInTheOrderOfTheirSending() throws Exception {
    List<String> expected = new ArrayList<>();
    talk(
        guest("verbs", "queued"),
        (tracee, output) -> {
          TraceeTask task = tracee.tasks().get(0);
          for (int value = 0; value < 3; value++) {
            for (int number = SIGRTMAX; number >= SIGRTMIN; number--) {
              task.signal(Signal.of(number), value);
            }
          }
          for (int number = SIGRTMIN; number <= SIGRTMAX; number++) {
            for (int value = 0; value < 3; value++) {
              expected.add("handled " + number + " code -1 from parent value " + value);
            }
          }
          tracee.process().getOutputStream().write('\n');
          tracee.process().getOutputStream().flush();
          assertEquals(expected, output.lines().limit(expected.size()).toList());
        });
  }

  /** The guest's parent is this JVM. */
  @Test
  void aCallbackSendsFurtherSignals() {
    TraceeListener chain =
        onSignal(
            stop -> {
              SigInfo info = stop.info();
              if (info.code() != SigInfo.SI_QUEUE) {
                stop.suppress();
                stop.task().signal(Signal.of(35), 1);
              } else if (info.value() < 5) {
                stop.task().signal(Signal.of(35), info.value() + 1);
              }
            });
    Outcome outcome = Outcome.traced(guest("verbs", "raises", 10), chain);
    String expected =
        IntStream.rangeClosed(1, 5)
            .mapToObj(value -> "handled 35 code -1 from parent value " + value + "\n")
            .reduce("", String::concat);
    assertEquals(expected + "after 10\n", outcome.stdout());
  }

  @Test
  void aTaskThatIsStartedGetsItBeforeItsFirstInstruction() {
    TraceeListener killer =
        new TraceeListener() {
          @Override
          public void onStart(TraceeTask task) {
            if (task.tracee().parent().isPresent()) {
              task.signal(Signal.SIGTERM);
            }
          }
        };
    Outcome outcome = Outcome.traced(guest("verbs", "child"), killer);
    assertEquals("child killed by 15\n", outcome.stdout());
  }

  @Test
  void aTaskThatHasEndedCannotGetIt() throws Exception {
    List<TraceeTask> tasks = new ArrayList<>();
    talk(
        guest("verbs", "threads"),
        (tracee, output) -> {
          tasks.addAll(tracee.tasks());
        });
    for (TraceeTask task : tasks) {
      TraceeDiedException died =
          assertThrows(TraceeDiedException.class, () -> task.signal(Signal.SIGUSR1));
      assertTrue(died.getMessage().contains(task.toString()), died::getMessage);
      assertThrows(TraceeDiedException.class, () -> task.signal(Signal.SIGUSR1, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 65, 1000})
  void whatIsNoSignalIsRefused(int number) throws Exception {
    talk(
        guest("verbs", "threads"),
        (tracee, output) -> {
          TraceeTask task = tracee.tasks().get(0);
          assertThrows(IllegalArgumentException.class, () -> task.signal(Signal.of(number)));
          assertThrows(IllegalArgumentException.class, () -> task.signal(Signal.of(number), 1));
        });
  }

  @Test
  void oneTooManyInTheQueueIsToldToItsSender() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")));
    List<String> limited = new ArrayList<>(List.of("prlimit", "--sigpending=0"));
    limited.addAll(guest("verbs", "queued").command());
    talk(
        new ProcessBuilder(limited),
        (tracee, output) -> {
          TraceeTask task = tracee.tasks().get(0);
          TraceException full =
              assertThrows(TraceException.class, () -> task.signal(Signal.of(SIGRTMAX), 1));
          assertTrue(full.getMessage().contains("errno 11"), full::getMessage);
        });
  }

  /** From several threads, to tasks that come and go; it arrives or is refused. */
  @Test
  void tasksThatEndMeanwhileAreRefusedAndNothingElseHappens() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    AtomicInteger arrived = new AtomicInteger();
    try (Tracer tracer =
        Tracer.builder().listener(onSignal(stop -> arrived.incrementAndGet())).build()) {
      TraceeHandle tracee = tracer.launch(guest("verbs", "flock", 200));
      List<CompletableFuture<Void>> senders = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        boolean withValue = i == 0;
        senders.add(
            Background.run(
                () -> {
                  while (tracee.isAlive() && tracee.tasks().size() == 1) {
                    // Its handlers are not there yet, perhaps.
                    Thread.onSpinWait();
                  }
                  while (tracee.isAlive()) {
                    tracee.tasks().forEach(task -> send(task, withValue, sent));
                  }
                }));
      }
      Outcome outcome = Outcome.of(tracee);
      assertEquals(new Outcome("done\n", "", 0), outcome);
      for (CompletableFuture<Void> sender : senders) {
        sender.join();
      }
    }
    assertTrue(sent.get() > 0, sent::toString);
    assertTrue(arrived.get() > 0 && arrived.get() <= sent.get(), arrived::toString);
  }

  private static void send(TraceeTask task, boolean withValue, AtomicInteger sent) {
    try {
      if (withValue) {
        task.signal(Signal.SIGUSR2, 4711);
      } else {
        task.signal(Signal.SIGUSR2);
      }
      sent.incrementAndGet();
    } catch (TraceeDiedException e) {
      assertTrue(e.getMessage().contains("has ended"), e::getMessage);
    }
  }
}
