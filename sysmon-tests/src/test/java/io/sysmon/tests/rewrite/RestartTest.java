package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.listener;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeListener;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Recorder;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Rewritten calls that a signal interrupts, and that the kernel or the program makes again. */
class RestartTest {
  private static final Interest WAITS =
      Interest.of("read", "clock_nanosleep", Cpu.choose("poll", "ppoll"), "restart_syscall");

  private final List<String> entries = new CopyOnWriteArrayList<>();
  private final BlockingQueue<String> entered = new LinkedBlockingQueue<>();
  private int keepsResults = Integer.MAX_VALUE;
  private Signal sent = Signal.SIGUSR1;

  private final TraceeListener decider =
      new TraceeListener() {
        @Override
        public void onSignal(SignalStop stop) {
          decision.accept(stop);
        }
      };

  private Consumer<SignalStop> decision = stop -> {};

  /** Rewrites an argument each time that the program's own call or its restart is entered. */
  private final SyscallListener rewriter = listener(WAITS, this::enter, this::exit);

  /** The guest. */
  ProcessBuilder program(String mode) {
    return guest("restart", mode);
  }

  private void enter(SyscallEnter call) {
    switch (call.name()) {
      case "read" -> {
        if (call.arg(0) != 0) {
          return;
        }
        assertEquals(10, call.programArg(2));
        assertEquals(10, call.arg(2));
        call.setArg(2, 3);
      }
      // No place for the rest.
      case "clock_nanosleep" -> call.setArg(3, 0);
      case "poll" -> call.setArg(3, 4711);
      default -> {}
    }
    entries.add(call.name() + (call.isRestart() ? " again" : ""));
    entered.add(call.name());
  }

  private void exit(SyscallExit call) {
    if (call.result() == -512 && keepsResults-- <= 0) {
      call.setResult(-4);
    }
  }

  private void awaitEntry(String name) throws InterruptedException {
    assertEquals(name, entered.poll(20, TimeUnit.SECONDS));
  }

  private String readWith(String mode, int signals) throws Exception {
    try (Talk guest = Talk.with(program(mode), rewriter, decider)) {
      awaitEntry("read");
      for (int i = 0; i < signals; i++) {
        guest.tracee().signal(sent);
        awaitEntry("read");
      }
      guest.say("abcdefgh");
      String line = guest.line();
      assertEquals("", guest.end());
      assertEquals(0, guest.exitValue());
      return line;
    }
  }

  @Test
  void aCallThatTheKernelRestartsIsSaidToBeOneAndIsRewrittenAgain() throws Exception {
    assertEquals("read 3 \"abc\", handled 3, interrupted 0, jumped 0", readWith("restarts", 3));
    assertEquals(List.of("read", "read again", "read again", "read again"), entries);
  }

  @Test
  void aCallThatTheProgramMakesAgainIsAnotherOne() throws Exception {
    assertEquals("read 3 \"abc\", handled 2, interrupted 2, jumped 0", readWith("interrupts", 2));
    assertEquals(List.of("read", "read", "read"), entries);
  }

  @Test
  void aCallAfterAHandlerThatLeftByALongJumpIsAnotherOne() throws Exception {
    assertEquals("read 3 \"abc\", handled 2, interrupted 0, jumped 2", readWith("jumps", 2));
    assertEquals(List.of("read", "read", "read"), entries);
  }

  @Test
  void aCallAfterAnInterruptionWhoseResultWasChangedIsAnotherOne() throws Exception {
    keepsResults = 1;
    assertEquals("read 3 \"abc\", handled 3, interrupted 2, jumped 0", readWith("restarts", 3));
    assertEquals(List.of("read", "read again", "read", "read"), entries);
  }

  @Test
  void anIgnoredSignalMakesARestartOnlyWhereTheTracerSeesIt() throws Exception {
    // To a tracee even an ignored signal is delivered: the kernel restarts the call without a
    // handler in between.
    assertEquals("read 3 \"abc\", handled 0, interrupted 0, jumped 0", readWith("ignores", 1));
    assertEquals(List.of("read", "read again"), entries);
  }

  @Test
  void aCallAfterASignalThatWasSuppressedIsARestart() throws Exception {
    decision = SignalStop::suppress;
    assertEquals("read 3 \"abc\", handled 0, interrupted 0, jumped 0", readWith("interrupts", 2));
    assertEquals(List.of("read", "read again", "read again"), entries);
  }

  @Test
  void aCallAfterASignalThatWasReplacedIsWhatTheReplacementMakesOfIt() throws Exception {
    decision = stop -> stop.replace(Signal.SIGWINCH);
    assertEquals("read 3 \"abc\", handled 0, interrupted 0, jumped 0", readWith("interrupts", 1));
    assertEquals(List.of("read", "read again"), entries);
    entries.clear();
    sent = Signal.SIGWINCH;
    decision = stop -> stop.replace(Signal.SIGUSR1);
    assertEquals("read 3 \"abc\", handled 1, interrupted 1, jumped 0", readWith("interrupts", 1));
    assertEquals(List.of("read", "read"), entries);
  }

  @Test
  void aCallAfterASignalThatWasReplacedByABlockedOneIsARestart() throws Exception {
    decision = stop -> stop.replace(Signal.SIGUSR2);
    assertEquals("read 3 \"abc\", handled 0, interrupted 0, jumped 0", readWith("blocks", 1));
    assertEquals(List.of("read", "read again"), entries);
  }

  @Test
  void aStoppedAndContinuedReadIsARestart() throws Exception {
    Recorder recorder = new Recorder(Interest.none());
    try (Talk guest = Talk.with(program("restarts"), rewriter, recorder)) {
      awaitEntry("read");
      guest.tracee().signal(Signal.SIGSTOP);
      recorder.await(Recorder.GroupStop.class, stop -> true);
      guest.tracee().signal(Signal.SIGCONT);
      awaitEntry("read");
      guest.say("abcdefgh");
      assertEquals("read 3 \"abc\", handled 0, interrupted 0, jumped 0", guest.line());
      guest.end();
      assertEquals(List.of("read", "read again"), entries);
    }
  }

  private String stoppedMeanwhile(String mode, String first) throws Exception {
    Recorder recorder = new Recorder(Interest.none());
    try (Talk guest = Talk.with(program(mode), rewriter, recorder)) {
      awaitEntry(first);
      guest.tracee().signal(Signal.SIGSTOP);
      recorder.await(Recorder.GroupStop.class, stop -> true);
      guest.tracee().signal(Signal.SIGCONT);
      awaitEntry("restart_syscall");
      assertEquals(List.of(first, "restart_syscall again"), entries);
      return guest.line();
    }
  }

  @Test
  void aSleepThatIsStoppedAndContinuedSleepsItsWholeTime() throws Exception {
    assertEquals(
        "0 slept, handled 0, whole, nothing left", stoppedMeanwhile("sleeps", "clock_nanosleep"));
  }

  @Test
  void aPollThatIsStoppedAndContinuedWaitsItsWholeTime() throws Exception {
    Cpu.assumeHas("poll");
    assertEquals("0 polled, handled 0, whole", stoppedMeanwhile("polls", "poll"));
  }

  @Test
  void aSleepThatAHandlerInterruptsIsInterrupted() throws Exception {
    try (Talk guest = Talk.with(program("sleeps"), rewriter)) {
      awaitEntry("clock_nanosleep");
      guest.tracee().signal(Signal.SIGUSR1);
      // The rewritten call had no place for the rest.
      assertEquals("-1 Interrupted system call, handled 1, part, nothing left", guest.line());
      assertEquals(List.of("clock_nanosleep"), entries);
    }
  }

  @Test
  void aPollThatAHandlerInterruptsIsInterrupted() throws Exception {
    Cpu.assumeHas("poll");
    try (Talk guest = Talk.with(program("polls"), rewriter)) {
      awaitEntry("poll");
      guest.tracee().signal(Signal.SIGUSR1);
      assertEquals("-1 Interrupted system call, handled 1, part", guest.line());
      assertEquals(List.of("poll"), entries);
    }
  }

  @Test
  void aCallThatBecomesAnotherOneIsRestartedAsTheProgramsOwn() throws Exception {
    List<String> names = new CopyOnWriteArrayList<>();
    SyscallListener renumbering =
        listener(
            Interest.of("read"),
            call -> {
              if (call.arg(0) == 0) {
                names.add(call.name() + (call.isRestart() ? " again" : ""));
                if (names.size() < 3) {
                  // Without descriptors, time and mask only a signal ends it.
                  call.setNumber("ppoll");
                  for (int i = 0; i < 4; i++) {
                    call.setArg(i, 0);
                  }
                }
                entered.add("read");
              }
            },
            call -> {});
    try (Talk guest = Talk.with(program("ignores"), renumbering)) {
      awaitEntry("read");
      guest.tracee().signal(Signal.SIGUSR1);
      awaitEntry("read");
      guest.tracee().signal(Signal.SIGUSR1);
      awaitEntry("read");
      guest.say("abcdefghijkl");
      assertTrue(guest.line().startsWith("read 10 \"abcdefghij\", handled 0"));
      assertEquals(List.of("read", "read again", "read again"), names);
    }
  }
}
