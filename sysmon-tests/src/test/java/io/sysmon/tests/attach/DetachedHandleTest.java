package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.tracer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Breakpoint;
import io.sysmon.ExitStatus;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.ListenerFailedException;
import io.sysmon.Signal;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Stranger;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handles of processes that are not traced any more. */
class DetachedHandleTest {
  private final Contract contract = Contract.of(Interest.all());

  private static void say(TraceeHandle tracee, String line) throws IOException {
    OutputStream input = tracee.process().getOutputStream();
    input.write((line + "\n").getBytes(UTF_8));
    input.flush();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLaunchedProgramsStreamsAndEndAreServedOn(boolean closed) throws Exception {
    Tracer tracer = tracer(contract);
    try (tracer) {
      TraceeHandle tracee =
          tracer.launch(new ProcessBuilder("sh", "-c", "read x; echo $x; echo bad >&2; exit 5"));
      CompletableFuture<ExitStatus> end = tracee.onExit();
      CompletableFuture<Process> processEnd = tracee.process().onExit();
      tracee.detach();
      assertFalse(tracee.isTraced());
      assertTrue(tracee.isAlive());
      assertTrue(tracee.process().isAlive());
      assertEquals(List.of(), tracer.tracees());
      if (closed) {
        tracer.close();
      }
      assertFalse(tracee.waitFor(Duration.ZERO));
      assertThrows(IllegalTraceeStateException.class, tracee::exitStatus);
      say(tracee, "good");
      assertEquals(new Outcome("good\n", "bad\n", 5), Outcome.of(tracee));
      assertEquals(ExitStatus.exited(5), tracee.exitStatus());
      assertEquals(ExitStatus.exited(5), end.get(20, TimeUnit.SECONDS));
      assertEquals(ExitStatus.exited(5), tracee.onExit().get(20, TimeUnit.SECONDS));
      assertSame(tracee.process(), processEnd.get(20, TimeUnit.SECONDS));
      assertEquals(5, tracee.process().exitValue());
      assertFalse(tracee.isAlive());
      tracee.kill();
      assertThrows(TraceeDiedException.class, () -> tracee.signal(Signal.SIGUSR1));
    }
    contract.verify();
  }

  @Test
  void closingItsTracerDoesNotEndIt() throws Exception {
    List<TraceeHandle> detached = new ArrayList<>();
    TraceeHandle traced;
    try (Tracer tracer = tracer(contract)) {
      for (int i = 0; i < 20; i++) {
        detached.add(tracer.launch(new ProcessBuilder("cat")));
      }
      traced = tracer.launch(new ProcessBuilder("cat"));
      for (TraceeHandle tracee : detached) {
        tracee.detach();
      }
    }
    assertEquals(137, traced.waitFor());
    for (TraceeHandle tracee : detached) {
      say(tracee, "still here");
      assertEquals(new Outcome("still here\n", "", 0), Outcome.of(tracee));
    }
    contract.verify();
  }

  @Test
  void itIsSignalledAndKilledAsBefore() throws Exception {
    try (Tracer tracer = tracer(contract)) {
      for (Signal signal : List.of(Signal.SIGTERM, Signal.SIGKILL, Signal.SIGUSR2)) {
        TraceeHandle tracee = tracer.launch(new ProcessBuilder("cat"));
        tracee.detach();
        if (signal.equals(Signal.SIGKILL)) {
          tracee.kill();
        } else {
          tracee.signal(signal);
        }
        assertEquals(128 + signal.number(), tracee.waitFor());
        assertEquals(ExitStatus.killed(signal, false), tracee.exitStatus());
      }
      TraceeHandle tracee = tracer.launch(new ProcessBuilder("cat"));
      tracee.detach();
      tracee.process().destroy();
      assertEquals(143, tracee.process().waitFor());
    }
    contract.verify();
  }

  @Test
  void itMayBeLetGoRightAfterItWasLaunched() throws Exception {
    try (Tracer tracer = tracer(contract)) {
      for (int i = 0; i < 50; i++) {
        TraceeHandle tracee = tracer.launch(new ProcessBuilder("sh", "-c", "exit " + i));
        // Often it has ended.
        tracee.detach();
        assertFalse(tracee.isTraced());
        assertEquals(i, tracee.waitFor());
      }
    }
    contract.verify();
  }

  @Test
  void itIsLetGoInTheCallbackOfItsOwnStart() throws Exception {
    TraceeListener detaching =
        new TraceeListener() {
          @Override
          public void onStart(TraceeTask task) {
            Guests.inCallback(() -> task.tracee().detach());
          }
        };
    try (Tracer tracer = tracer(contract, detaching)) {
      for (int i = 0; i < 20; i++) {
        TraceeHandle tracee = tracer.launch(new ProcessBuilder("sh", "-c", "exit " + i));
        tracee.detach();
        assertFalse(tracee.isTraced());
        assertEquals(i, tracee.waitFor());
      }
      assertThrows(IOException.class, () -> tracer.launch(new ProcessBuilder("/no/such/file")));
    }
    contract.verify();
  }

  @Test
  void itsChildrenStayTraced() throws Exception {
    Recorder recorder = new Recorder(Interest.none());
    try (Tracer tracer = tracer(contract, recorder)) {
      TraceeHandle shell =
          tracer.launch(
              new ProcessBuilder("sh", "-c", "cat & wait; echo $?").redirectErrorStream(true));
      TraceeHandle child =
          recorder.await(Recorder.Start.class, start -> start.pid() != shell.pid()).task().tracee();
      recorder.await(Recorder.Exec.class, exec -> exec.tid() == child.pid());
      shell.detach();
      assertFalse(shell.isTraced());
      assertTrue(child.isTraced());
      assertSame(shell, child.parent().orElseThrow());
      child.kill();
      assertEquals(137, child.waitFor());
      assertEquals(0, shell.waitFor());
    }
    contract.verify();
  }

  private static void assertAllRefused(Executable... uses) {
    for (Executable use : uses) {
      IllegalTraceeStateException refused = assertThrows(IllegalTraceeStateException.class, use);
      assertTrue(String.valueOf(refused.getMessage()).contains("detached"), refused::toString);
    }
  }

  @Test
  void whatNeedsATraceIsRefused() throws Exception {
    try (Tracer tracer = tracer(contract)) {
      TraceeHandle tracee = tracer.launch(Alike.guest("restless", "targets", "1"));
      BufferedReader output = tracee.process().inputReader();
      long target = Long.parseLong(output.readLine());
      TraceeTask task = tracee.tasks().get(0);
      Breakpoint breakpoint = tracee.setBreakpoint(target, stop -> {});
      tracee.detach();
      for (int i = 0; i < 2; i++) {
        assertAllRefused(
            () -> tracee.setBreakpoint(target, stop -> {}),
            () -> tracee.syscall("getpid"),
            () -> tracee.memory().readByte(target),
            () -> tracee.memory().write(target, new byte[1]),
            () -> task.signal(Signal.SIGUSR1));
        breakpoint.remove();
        tracee.detach();
        assertTrue(tracee.detach(Duration.ZERO));
        assertEquals(List.of(), tracee.tasks());
        assertFalse(task.isAlive());
        tracer.close();
      }
      assertEquals("ready", output.readLine());
      tracee.process().getOutputStream().close();
      assertEquals(0, tracee.waitFor());
      assertThrows(TraceeDiedException.class, () -> tracee.memory().readByte(target));
    }
    contract.verify();
  }

  @Test
  void nothingIsKnownOfAnAttachedProcessThatWasLetGo() throws Exception {
    try (Stranger guest = Guests.restless("calls 1");
        Tracer tracer = tracer()) {
      TraceeHandle tracee = tracer.attach(guest.pid());
      CompletableFuture<ExitStatus> end = tracee.onExit();
      tracee.detach();
      for (int i = 0; i < 2; i++) {
        assertTrue(tracee.isAlive());
        assertAllRefused(
            tracee::kill,
            () -> tracee.signal(Signal.SIGUSR1),
            tracee::waitFor,
            () -> tracee.waitFor(Duration.ZERO),
            tracee::exitStatus,
            () -> tracee.memory().readByte(4096),
            () -> tracee.syscall("getpid"),
            () -> tracee.setBreakpoint(4096, stop -> {}));
        assertThrows(IllegalTraceeStateException.class, tracee::process);
        ExecutionException failed = assertThrows(ExecutionException.class, end::get);
        assertInstanceOf(IllegalTraceeStateException.class, failed.getCause());
        assertThrows(ExecutionException.class, () -> tracee.onExit().get());
        tracer.close();
      }
      Guests.assertEndsWell(guest);
      assertFalse(tracee.isAlive());
    }
  }

  @Test
  void theEndOfAnAttachedProcessIsToldBeforeItsParentKnows() throws Exception {
    Recorder recorder = new Recorder(Interest.none());
    try (Tracer tracer = tracer(recorder)) {
      for (String words : List.of("calls 2", "dead-leader 2")) {
        try (Stranger guest = Guests.restless(words)) {
          TraceeHandle tracee = tracer.attach(guest.pid());
          CompletableFuture<ExitStatus> end = tracee.onExit();
          Guests.assertEndsWell(guest);
          assertEquals(0, tracee.waitFor());
          assertEquals(ExitStatus.exited(0), tracee.exitStatus());
          assertEquals(ExitStatus.exited(0), end.get(20, TimeUnit.SECONDS));
          assertFalse(tracee.isTraced());
          tracee.detach();
          assertTrue(tracee.detach(Duration.ZERO));
        }
      }
      assertTrue(tracer.awaitTracees(Outcome.LIMIT));
    }
    assertEquals(
        recorder.all(Recorder.Start.class).size(), recorder.all(Recorder.End.class).size());
  }

  @Test
  void whatAListenerThrewComesOutOfDetach() throws Exception {
    SyscallListener failing =
        SyscallListener.onEnter(
            Interest.enter("lseek"),
            call -> {
              throw new IllegalStateException("on purpose");
            });
    Recorder recorder = new Recorder(Interest.enter("lseek"));
    try (Stranger guest = Guests.restless("calls 2");
        Tracer tracer =
            Tracer.builder()
                .listener(failing)
                .listener(recorder)
                .onListenerFailure(failure -> {})
                .build()) {
      TraceeHandle tracee = tracer.attach(guest.pid());
      recorder.await(Recorder.Enter.class, enter -> true);
      ListenerFailedException failed = assertThrows(ListenerFailedException.class, tracee::detach);
      assertEquals("on purpose", String.valueOf(failed.getCause().getMessage()));
      assertFalse(tracee.isTraced());
      Guests.assertUntouched(guest);
      Guests.assertEndsWell(guest);
    }
  }
}
