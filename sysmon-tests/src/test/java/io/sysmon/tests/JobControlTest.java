package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Tasks;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobControlTest {
  private static String sameAsUntraced(String... arguments) {
    Outcome outcome = Alike.run(Alike.guest("stops", arguments));
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitValue());
    return outcome.stdout();
  }

  @Test
  void aParentSeesItsChildStoppedAndContinuedBySignals() {
    assertTrue(
        sameAsUntraced("sequence")
            .endsWith(
                """
                after 22 child stopped by 22
                after 18 child continued
                after 9 child killed by 9
                """));
  }

  @Test
  void aParentSeesItsChildStopItself() {
    assertEquals(
        "child stopped by 19\nchild stopped by 20\n".repeat(5) + "child exited 61\n",
        sameAsUntraced("own-stops"));
  }

  @Test
  void handledAndIgnoredStopSignalsDoNotStop() {
    assertEquals(
        """
        no stop: 0
        no stop: 0
        after 19 child stopped by 19
        after 18 child continued
        after 20 child exited 62
        """,
        sameAsUntraced("handlers"));
  }

  @Test
  void aStoppedProcessIsKilledAtOnceAndTerminatedOnceItGoesOn() {
    assertEquals(
        """
        after 19 child stopped by 19
        after 9 child killed by 9
        after 19 child stopped by 19
        still stopped: 0
        child killed by 15
        """
            .repeat(10),
        sameAsUntraced("killed-while-stopped"));
  }

  @Test
  void waitidTellsStopsAndContinuations() {
    assertEquals(
        "code 5 status 19\ncode 5 status 19\ncode 6 status 18\ncode 6 status 18\n".repeat(5)
            + "after 15 child killed by 15\n",
        sameAsUntraced("waitid"));
  }

  @Test
  void sigchldTellsStopsUnlessTheParentDeclined() {
    assertTrue(sameAsUntraced("sigchld").endsWith("stops 5 goes 5 ends 1\n"));
    assertTrue(sameAsUntraced("sigchld", "declined").endsWith("stops 0 goes 0 ends 1\n"));
  }

  /** Threads that compute, call, sleep, and threads that are born while the stop comes. */
  @RepeatedTest(2)
  void noThreadOfAStoppedProcessMovesAndAllGoOn() {
    assertFalse(sameAsUntraced("threads", "40").contains("moved on"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLaunchedProgramIsStoppedAndContinuedFromOutside(boolean everyCall) throws Exception {
    Recorder recorder = new Recorder(everyCall ? Interest.all() : Interest.none());
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      TraceeHandle tracee = tracer.launch(Alike.guest("stops", "until-told"));
      try (BufferedReader output = tracee.process().inputReader()) {
        assertEquals("ready", output.readLine());
        for (int i = 0; i < 20; i++) {
          int stops = i + 1;
          tracee.signal(i % 2 == 0 ? Signal.SIGSTOP : Signal.SIGTSTP);
          awaitCount(recorder, Recorder.GroupStop.class, stops);
          assertTrue(tracee.isAlive());
          // 't': a group-stop under a tracer. It stays: nobody has sent a SIGCONT.
          assertEquals("t", Tasks.process(tracee.pid()).orElseThrow().state());
          tracee.signal(Signal.SIGCONT);
          recorder.await(
              Recorder.Delivery.class, delivery -> count(recorder, Signal.SIGCONT) == stops);
        }
        tracee.process().getOutputStream().close();
        assertEquals("told 0", output.readLine());
      }
      assertEquals(63, tracee.waitFor());
    }
  }

  private static long count(Recorder recorder, Signal signal) {
    return recorder.all(Recorder.Delivery.class).stream()
        .filter(delivery -> delivery.signal().equals(signal))
        .count();
  }

  private static void awaitCount(Recorder recorder, Class<Recorder.GroupStop> kind, int count)
      throws InterruptedException {
    recorder.await(kind, stop -> recorder.all(kind).size() >= count);
  }

  @Test
  void aStoppedProgramIsKilledFromOutside() throws Exception {
    Recorder recorder = new Recorder();
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      for (int i = 1; i <= 10; i++) {
        TraceeHandle tracee = tracer.launch(Alike.guest("stops", "until-told"));
        tracee.signal(Signal.SIGSTOP);
        awaitCount(recorder, Recorder.GroupStop.class, i);
        tracee.kill();
        assertEquals(137, Outcome.of(tracee).exitValue());
        assertEquals(ExitStatus.killed(Signal.SIGKILL, false), tracee.exitStatus());
      }
    }
  }

  @Test
  void closingATracerEndsItsStoppedTracees() throws Exception {
    Recorder recorder = new Recorder();
    TraceeHandle tracee;
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      tracee = tracer.launch(Alike.guest("stops", "until-told"));
      tracee.signal(Signal.SIGSTOP);
      awaitCount(recorder, Recorder.GroupStop.class, 1);
    }
    assertEquals(137, tracee.waitFor());
  }

  @Test
  void aShellControlsJobsAtATerminal() {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")));
    ProcessBuilder terminal = new ProcessBuilder(Guest.compile("terminal").toString());
    assertEquals(
        new Outcome(
            """
            saw job is ready
            saw first status 148.
            saw job goes on
            saw second status 131.
            saw background stopped.
            saw third status 137.
            shell exited 7
            """,
            "",
            0),
        Alike.run(terminal));
  }

  @Test
  void aScriptInAPseudoTerminalStopsAndResumesAJob() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")));
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")));
    String script =
        "set -m; sh -c 'kill -TSTP $$; echo resumed; exit 5'; echo status $?; fg; echo status $?";
    Outcome outcome =
        Alike.run(
            new ProcessBuilder(
                "script", "-qec", "bash --norc -c \"" + quoted(script) + "\"", "/dev/null"));
    assertTrue(outcome.stdout().contains("status 148"), outcome.toString());
    assertTrue(outcome.stdout().contains("resumed\r\nstatus 5"), outcome.toString());
  }

  private static String quoted(String script) {
    return script.replace("$", "\\$");
  }
}
