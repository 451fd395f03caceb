package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.HeldCall;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.ListenerFailedException;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.Verdict;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that wait at their entry for an answer. */
class HoldTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Verdict LATE = Verdict.skip(1);

  private final BlockingQueue<HeldCall> held = new LinkedBlockingQueue<>();
  private final SyscallListener holder =
      onEnter("getppid", call -> held.add(call.hold(LONG, LATE)));

  private HeldCall next() throws InterruptedException {
    HeldCall call = held.poll(20, TimeUnit.SECONDS);
    assertTrue(call != null, "No call was held");
    return call;
  }

  private static boolean ended(HeldCall call) throws Exception {
    return call.answered().get(20, TimeUnit.SECONDS);
  }

  @Test
  void otherTasksGoOnWhileOneIsHeld() throws Exception {
    try (Talk guest = Talk.with(guest("held", "beside"), holder)) {
      HeldCall call = next();
      assertEquals("getppid", call.call().name());
      assertEquals(2, call.call().arg(1));
      assertEquals(guest.tracee(), call.task().tracee());
      assertFalse(call.task().tid() == guest.tracee().pid());
      for (int i = 0; i < 20; i++) {
        guest.say("line " + i);
        assertEquals("echo line " + i, guest.line());
      }
      assertFalse(call.answered().isDone());
      call.proceed();
      assertTrue(ended(call));
      assertTrue(guest.line().startsWith("asked: parent"));
      assertEquals("", guest.end());
      assertEquals(0, guest.exitValue());
    }
  }

  static Stream<Object[]> answers() {
    return Stream.of(
        new Object[] {"parent", (Consumer<HeldCall>) HeldCall::proceed},
        new Object[] {"4711", (Consumer<HeldCall>) call -> call.skip(4711)},
        new Object[] {
          "Operation not permitted", (Consumer<HeldCall>) call -> call.fail(Errno.EPERM)
        },
        new Object[] {"parent", (Consumer<HeldCall>) call -> call.answer(Verdict.proceed())},
        new Object[] {"4711", (Consumer<HeldCall>) call -> call.answer(Verdict.skip(4711))},
        new Object[] {
          "self",
          (Consumer<HeldCall>)
              call ->
                  call.answer(
                      view -> {
                        assertEquals(3, view.arg(2));
                        view.setNumber(Cpu.number("gettid"));
                        view.setArg(0, 3);
                      })
        });
  }

  @ParameterizedTest
  @MethodSource("answers")
  void theAnswerIsGivenByAnotherThread(String outcome, Consumer<HeldCall> answer) throws Exception {
    try (Talk guest = Talk.with(guest("held", "alone"), holder)) {
      HeldCall call = next();
      answer.accept(call);
      assertTrue(ended(call));
      assertEquals(
          "asked: " + outcome + " after", guest.rest().replaceAll(" after.*\\n", " after"));
      assertEquals(0, guest.exitValue());
    }
  }

  @Test
  void theAnswerMayBeGivenInTheSameCallbackOrInAnotherOne() throws Exception {
    SyscallListener atOnce = onEnter("getppid", call -> call.hold(LONG, LATE).skip(4711));
    Outcome outcome = Outcome.traced(guest("held", "alone"), atOnce);
    assertEquals("asked: 4711 after short\n", outcome.stdout());
    SyscallListener hold =
        onEnter(
            Interest.enter("getppid", "read"),
            call -> {
              if (call.name().equals("getppid")) {
                held.add(call.hold(LONG, LATE));
              } else if (!held.isEmpty()) {
                held.poll().fail(Errno.EBUSY);
              }
            });
    try (Talk guest = Talk.with(guest("held", "beside"), hold)) {
      // Each line is read by a call, of which one comes after the thread has asked.
      String line;
      do {
        guest.say("a line");
        line = guest.line();
      } while (line.equals("echo a line"));
      assertTrue(line.startsWith("asked: Device or resource busy"), line);
      guest.end();
      assertEquals(0, guest.exitValue());
    }
  }

  @Test
  void aCallThatNobodyAnswersGetsItsVerdict() throws Exception {
    SyscallListener holds =
        onEnter("getppid", call -> held.add(call.hold(Duration.ofMillis(250), Verdict.skip(4711))));
    Outcome outcome = Outcome.traced(guest("held", "alone"), holds);
    assertEquals("asked: 4711 after long\n", outcome.stdout());
    HeldCall call = next();
    assertFalse(ended(call));
    IllegalTraceeStateException late =
        assertThrows(IllegalTraceeStateException.class, call::proceed);
    assertTrue(late.getMessage().contains("getppid"), late::getMessage);
    assertTrue(late.getMessage().contains("" + call.task().tid()), late::getMessage);
    SyscallListener fails =
        onEnter("getppid", view -> view.hold(Duration.ZERO, Verdict.fail(Errno.ENODEV)));
    assertTrue(
        Outcome.traced(guest("held", "alone"), fails)
            .stdout()
            .startsWith("asked: No such device after"));
  }

  @Test
  void theDefaultIsToProceedAfterFiveSeconds() {
    assertEquals(Duration.ofSeconds(5), SyscallEnter.DEFAULT_HOLD);
    assertEquals(Verdict.Kind.PROCEED, Verdict.proceed().kind());
    assertNull(Verdict.proceed().errno());
    assertNull(Verdict.skip(3).errno());
    assertEquals(Errno.EPERM, Verdict.fail(Errno.EPERM).errno());
  }

  @Test
  void aTimeThatNeverComesIsWaitedForToo() throws Exception {
    SyscallListener forever =
        onEnter("getppid", call -> held.add(call.hold(ChronoUnit.FOREVER.getDuration(), LATE)));
    try (Talk guest = Talk.with(guest("held", "alone"), forever)) {
      next().skip(4711);
      assertTrue(guest.rest().startsWith("asked: 4711"));
      assertEquals(0, guest.exitValue());
    }
  }

  @Test
  void aSecondAnswerIsRefused() throws Exception {
    try (Talk guest = Talk.with(guest("held", "alone"), holder)) {
      HeldCall call = next();
      call.skip(4711);
      for (Consumer<HeldCall> again :
          List.<Consumer<HeldCall>>of(
              HeldCall::proceed, c -> c.skip(1), c -> c.answer(view -> view.skip(2)))) {
        IllegalTraceeStateException refusal =
            assertThrows(IllegalTraceeStateException.class, () -> again.accept(call));
        assertTrue(refusal.getMessage().contains("getppid"), refusal::getMessage);
        assertTrue(refusal.getMessage().contains("" + call.task().tid()), refusal::getMessage);
      }
      assertTrue(guest.rest().startsWith("asked: 4711"));
      assertEquals(0, guest.exitValue());
      assertThrows(IllegalTraceeStateException.class, call::proceed);
    }
  }

  @Test
  void ofManyAnswersAtOnceOneCounts() throws Exception {
    try (Talk guest = Talk.with(guest("held", "alone"), holder)) {
      HeldCall call = next();
      AtomicInteger accepted = new AtomicInteger();
      List<CompletableFuture<Void>> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        threads.add(
            Background.run(
                () -> {
                  try {
                    call.skip(4711);
                    accepted.incrementAndGet();
                  } catch (IllegalTraceeStateException e) {
                    assertTrue(e.getMessage().contains("answered"), e::getMessage);
                  }
                }));
      }
      threads.forEach(CompletableFuture::join);
      assertEquals(1, accepted.get());
      assertTrue(guest.rest().startsWith("asked: 4711"));
    }
  }

  @Test
  void anAnswerWithoutAVerdictIsRefusedAndTheCallStillWaits() throws Exception {
    List<Throwable> refusals = new ArrayList<>();
    SyscallListener hold =
        onEnter(
            "getppid",
            call -> {
              refusals.add(assertThrows(NullPointerException.class, () -> call.hold(null, LATE)));
              refusals.add(assertThrows(NullPointerException.class, () -> call.hold(LONG, null)));
              refusals.add(
                  assertThrows(
                      IllegalArgumentException.class, () -> call.hold(Duration.ofNanos(-1), LATE)));
              held.add(call.hold(LONG, LATE));
            });
    try (Talk guest = Talk.with(guest("held", "alone"), hold)) {
      HeldCall call = next();
      assertThrows(NullPointerException.class, () -> call.answer((Verdict) null));
      assertThrows(NullPointerException.class, () -> call.answer((Consumer<SyscallEnter>) null));
      call.skip(4711);
      assertTrue(guest.rest().startsWith("asked: 4711"));
      assertEquals(0, guest.exitValue());
      guest.tracee().waitFor();
      assertEquals(3, refusals.size());
    }
  }

  @Test
  void anAnswerThatFailsLetsTheCallProceedAndIsAFailure() throws Exception {
    for (Consumer<SyscallEnter> broken :
        List.<Consumer<SyscallEnter>>of(
            view -> {
              view.setNumber(Cpu.number("gettid"));
              throw new IllegalStateException("broken");
            },
            view -> view.hold(),
            view -> view.setArg(7, 1))) {
      try (Talk guest = Talk.with(guest("held", "alone"), holder)) {
        next().answer(broken);
        assertTrue(guest.rest().startsWith("asked: parent"));
        assertThrows(ListenerFailedException.class, guest.tracee()::waitFor);
      }
    }
  }

  @Test
  void theSecondListenerThatHoldsACallFails() throws Exception {
    SyscallListener second = onEnter("getppid", call -> call.delay(Duration.ofSeconds(30)));
    try (Talk guest = Talk.with(guest("held", "alone"), holder, second)) {
      next().skip(4711);
      assertTrue(guest.rest().startsWith("asked: 4711"));
      ListenerFailedException failure =
          assertThrows(ListenerFailedException.class, guest.tracee()::waitFor);
      assertInstanceOf(IllegalTraceeStateException.class, failure.getCause());
      assertTrue(failure.getCause().getMessage().contains("getppid"));
    }
  }

  @Test
  void whatOtherListenersChangedHoldsForAHeldCallToo() throws Exception {
    SyscallListener before = onEnter("getppid", call -> call.setArg(0, 100));
    SyscallListener after = onEnter("getppid", call -> call.setArg(1, call.arg(0) + 1));
    List<Long> seen = new ArrayList<>();
    try (Talk guest = Talk.with(guest("held", "alone"), before, holder, after)) {
      HeldCall call = next();
      call.answer(
          view -> {
            seen.add(view.arg(0));
            seen.add(view.arg(1));
            seen.add(view.programArg(1));
            view.skip(4711);
          });
      assertTrue(guest.rest().startsWith("asked: 4711"));
      assertEquals(List.of(100L, 101L, 2L), seen);
      assertEquals(0, guest.tracee().waitFor());
    }
  }

  private static void assertDied(HeldCall call) throws Exception {
    assertFalse(ended(call));
    TraceeDiedException died = assertThrows(TraceeDiedException.class, call::proceed);
    assertTrue(died.getMessage().contains("getppid"), died::getMessage);
    assertThrows(TraceeDiedException.class, () -> call.answer(view -> view.skip(1)));
    assertFalse(call.task().isAlive());
  }

  @Test
  void aTaskThatIsKilledWhileItIsHeldIsDead() throws Exception {
    try (Talk guest = Talk.with(guest("held", "beside"), holder)) {
      HeldCall call = next();
      guest.tracee().kill();
      assertEquals(137, guest.exitValue());
      assertDied(call);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"beside", "leader"})
  void anotherThreadsExecEndsTheHold(String mode) throws Exception {
    try (Talk guest = Talk.with(guest("held", mode), holder)) {
      HeldCall call = next();
      guest.say("exec");
      assertEquals("executed\n", guest.rest());
      assertEquals(0, guest.exitValue());
      assertFalse(ended(call));
      assertThrows(TraceeDiedException.class, call::proceed);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"beside", "leader"})
  void anotherThreadsExitEndsTheHold(String mode) throws Exception {
    try (Talk guest = Talk.with(guest("held", mode), holder)) {
      HeldCall call = next();
      guest.say("exit");
      assertEquals(3, guest.exitValue());
      assertDied(call);
    }
  }

  @Test
  void closingTheTracerEndsTheHold() throws Exception {
    HeldCall call;
    try (Talk guest = Talk.with(guest("held", "beside"), holder)) {
      call = next();
    }
    assertDied(call);
  }

  @Test
  void aProcessThatIsStoppedWhileItIsHeldStopsAndContinues() throws Exception {
    Recorder recorder = new Recorder(Interest.none());
    try (Talk guest = Talk.with(guest("held", "alone"), holder, recorder)) {
      HeldCall call = next();
      guest.tracee().signal(Signal.SIGSTOP);
      call.skip(4711);
      recorder.await(Recorder.GroupStop.class, stop -> stop.signal().equals(Signal.SIGSTOP));
      assertTrue(guest.tracee().isAlive());
      guest.tracee().signal(Signal.SIGCONT);
      assertTrue(guest.rest().startsWith("asked: 4711"));
      assertEquals(0, guest.exitValue());
      assertEquals(1, recorder.all(Recorder.GroupStop.class).size());
    }
  }

  @Test
  void aProcessThatIsStoppedAndContinuedWhileItIsHeldGoesOn() throws Exception {
    for (int i = 0; i < Effort.rounds(20); i++) {
      try (Talk guest = Talk.with(guest("held", "beside"), holder)) {
        HeldCall call = next();
        guest.tracee().signal(Signal.SIGSTOP);
        if (i % 2 == 0) {
          guest.tracee().syscall("getpid");
        }
        guest.tracee().signal(Signal.SIGCONT);
        if (i % 3 == 0) {
          guest.tracee().syscall("getpid");
        }
        call.skip(4711);
        guest.say("and");
        List<String> lines = List.of(guest.line(), guest.line());
        assertTrue(lines.contains("echo and"), lines::toString);
        guest.end();
        assertEquals(0, guest.exitValue());
      }
    }
  }

  @Test
  void theLaunchedProgramsOwnExecveCanBeHeld() throws Exception {
    SyscallListener hold = onEnter("execve", call -> held.add(call.hold(LONG, LATE)));
    try (Tracer tracer = Tracer.builder().listener(hold).build()) {
      CompletableFuture<TraceeHandle> launch =
          Background.call(() -> tracer.launch(guest("held", "say", "hello")));
      HeldCall call = next();
      assertTrue(call.call().string(0).get().contains("rewrite_held"));
      assertFalse(launch.isDone());
      call.proceed();
      assertEquals("hello\n", Outcome.of(launch.get(20, TimeUnit.SECONDS)).stdout());

      CompletableFuture<TraceeHandle> denied =
          Background.call(() -> tracer.launch(guest("held", "say", "hello")));
      next().fail(Errno.EPERM);
      ExecutionException refusal =
          assertThrows(ExecutionException.class, () -> denied.get(20, TimeUnit.SECONDS));
      IOException cause = assertInstanceOf(IOException.class, refusal.getCause());
      assertTrue(cause.getMessage().contains("error=1,"), cause::getMessage);

      CompletableFuture<TraceeHandle> other =
          Background.call(() -> tracer.launch(guest("held", "say", "hello")));
      next().answer(view -> view.relocateString(0, "/bin/echo"));
      assertEquals("say hello\n", Outcome.of(other.get(20, TimeUnit.SECONDS)).stdout());

      CompletableFuture<TraceeHandle> killed =
          Background.call(() -> tracer.launch(guest("held", "say", "hello")));
      next().task().tracee().kill();
      ExecutionException dead =
          assertThrows(ExecutionException.class, () -> killed.get(20, TimeUnit.SECONDS));
      assertInstanceOf(IOException.class, dead.getCause());
    }
  }

  @Test
  void aLaunchThatIsHeldWhenTheTracerClosesFails() throws Exception {
    SyscallListener hold = onEnter("execve", call -> held.add(call.hold(LONG, LATE)));
    CompletableFuture<TraceeHandle> launch;
    HeldCall call;
    try (Tracer tracer = Tracer.builder().listener(hold).build()) {
      launch = Background.call(() -> tracer.launch(guest("held", "say", "hello")));
      call = next();
    }
    assertThrows(ExecutionException.class, () -> launch.get(20, TimeUnit.SECONDS));
    assertThrows(TraceeDiedException.class, call::proceed);
  }

  @Test
  void askingBeforeEachExec() {
    SyscallListener asker =
        onEnter(
            "execve",
            call -> {
              HeldCall question = call.hold(LONG, LATE);
              var unused =
                  Background.run(
                      () -> {
                        if (question.call().string(0).get().endsWith("/id")) {
                          question.fail(Errno.EPERM);
                        } else {
                          question.proceed();
                        }
                      });
            });
    Outcome outcome =
        Outcome.traced(
            new ProcessBuilder("sh", "-c", "/usr/bin/true && echo yes; /usr/bin/id || echo no"),
            asker);
    assertEquals("yes\nno\n", outcome.stdout());
    assertTrue(outcome.stderr().contains("Operation not permitted"), outcome::stderr);
  }

  @Test
  void aDelayedCallBeginsLaterAndOtherTasksDoNotWait() throws Exception {
    SyscallListener delay = onEnter("getppid", call -> call.delay(Duration.ofMillis(400)));
    try (Talk guest = Talk.with(guest("held", "beside"), delay)) {
      for (int i = 0; i < 20; i++) {
        guest.say("" + i);
        assertEquals("echo " + i, guest.line());
      }
      assertEquals("asked: parent after long", guest.line());
      guest.end();
      assertEquals(0, guest.exitValue());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"many_threads", "many_processes"})
  void twoHundredCallsAreHeldAtOnce(String mode) throws Exception {
    try (Talk guest = Talk.with(guest("held", mode, 200), holder)) {
      List<HeldCall> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        all.add(next());
      }
      assertEquals(200, all.stream().map(HeldCall::task).distinct().count());
      // In no particular order, by several threads.
      List<CompletableFuture<Void>> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int first = t;
        threads.add(
            Background.run(
                () -> {
                  for (int i = first; i < 200; i += 4) {
                    all.get(199 - i).skip(i);
                  }
                }));
      }
      threads.forEach(CompletableFuture::join);
      assertEquals("sum=19900\n", guest.rest());
      assertEquals(0, guest.exitValue());
    }
  }

  @Test
  void killsAndAnswersAtTheSameMomentHangNothing() throws Exception {
    for (int i = 0; i < Effort.rounds(100); i++) {
      try (Talk guest = Talk.with(guest("held", i % 2 == 0 ? "alone" : "beside"), holder)) {
        HeldCall call = next();
        CompletableFuture<Void> answer =
            Background.run(
                () -> {
                  LockSupport.parkNanos(
                      ThreadLocalRandom.current().nextInt(1000 * Effort.micros(200)));
                  try {
                    call.answer(view -> view.relocateString(0, "text"));
                  } catch (TraceeDiedException e) {
                    assertFalse(call.task().isAlive());
                  }
                });
        LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(1000 * Effort.micros(200)));
        guest.tracee().kill();
        int exitValue = guest.exitValue();
        assertTrue(exitValue == 137 || exitValue == 0, "exit value " + exitValue);
        answer.get(20, TimeUnit.SECONDS);
        held.clear();
      }
    }
  }
}
