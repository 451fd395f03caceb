package io.sysmon.tests.signals;

import static io.sysmon.tests.signals.Signalled.guest;
import static io.sysmon.tests.signals.Signalled.onSignal;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.ExitStatus;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.ListenerFailedException;
import io.sysmon.SigInfo;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What listeners decide about a signal that is being delivered. */
class SignalStopTest {
  private static final Signal SIGRT_3 = Signal.of(35);

  private final List<String> seen = new ArrayList<>();

  /** What the listeners before it have left. */
  private final TraceeListener witness =
      onSignal(stop -> seen.add((stop.isSuppressed() ? "no " : "") + stop.signal()));

  /** Acts on a signal as long as it is the one. */
  private static TraceeListener at(Signal signal, Consumer<SignalStop> verb) {
    return onSignal(
        stop -> {
          if (stop.signal().equals(signal)) {
            verb.accept(stop);
          }
        });
  }

  private static TraceeListener atUsr1(Consumer<SignalStop> verb) {
    return at(Signal.SIGUSR1, verb);
  }

  private static String stdout(ProcessBuilder guest, TraceeListener... listeners) {
    Outcome outcome = Outcome.traced(guest, listeners);
    assertEquals("", outcome.stderr());
    return outcome.stdout();
  }

  @Test
  void aSuppressedSignalIsNotDelivered() {
    // Two that have a handler, two that would end the process, one that would stop it.
    assertEquals(
        "after 10\nafter 35\nafter 15\nafter 11\nafter 19\n",
        stdout(
            guest("verbs", "raises", 10, 35, 15, 11, 19), onSignal(SignalStop::suppress), witness));
    assertEquals(
        List.of("no SIGUSR1", "no SIGRT_3", "no SIGTERM", "no SIGSEGV", "no SIGSTOP"), seen);
  }

  @Test
  void aReplacedSignalIsSaidToComeFromTheTracersThread() {
    List<SigInfo> announced = new ArrayList<>();
    String stdout =
        stdout(
            guest("verbs", "senders", 10),
            atUsr1(stop -> stop.replace(Signal.SIGUSR2)),
            onSignal(stop -> announced.add(stop.info())));
    SigInfo info = announced.get(0);
    assertEquals(Signal.SIGUSR2, info.signal());
    assertEquals("handled 12 code 0 pid " + info.pid() + " uid " + info.uid() + "\n", stdout);
    assertEquals(1, announced.size());
  }

  @Test
  void aSignalIsReplacedByOneWithOtherInformation() {
    SigInfo queued = SigInfo.queued(SIGRT_3, 4711, 1, 99);
    List<SigInfo> announced = new ArrayList<>();
    assertEquals(
        "handled 35 code -1 from another value 99\nafter 10\n",
        stdout(
            guest("verbs", "raises", 10),
            atUsr1(stop -> stop.replace(queued)),
            onSignal(stop -> announced.add(stop.info()))));
    assertEquals(List.of(queued), announced);
    assertEquals(
        "handled 10 code 0 pid 4711 uid -1\n",
        stdout(
            guest("verbs", "senders", 10),
            atUsr1(stop -> stop.replace(SigInfo.sent(stop.signal(), 4711, 0xffff_ffffL)))));
  }

  @Test
  void theProgramIsToldAlsoWhatTheKernelDoesNotKnow() {
    byte[] bytes = new byte[SigInfo.SIZE];
    Arrays.fill(bytes, (byte) 1);
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putInt(0, 10).putInt(8, 77);
    assertEquals(
        "handled 10 code 77 pid 16843009 uid 16843009\n",
        stdout(guest("verbs", "senders", 10), onSignal(stop -> stop.replace(new SigInfo(bytes)))));
  }

  @Test
  void ofSeveralVerbsTheLastOneCounts() {
    assertEquals(
        "handled 10 code 0 from self value 0\nafter 10\nafter 12\n",
        stdout(
            guest("verbs", "raises", 10, 12),
            atUsr1(
                stop -> {
                  stop.replace(SigInfo.sent(Signal.SIGUSR1, 4711, 1));
                  stop.suppress();
                  stop.replace(SIGRT_3);
                  stop.suppress();
                  assertTrue(stop.isSuppressed());
                  stop.replace(Signal.SIGUSR1);
                }),
            at(
                Signal.SIGUSR2,
                stop -> {
                  stop.replace(SIGRT_3);
                  stop.suppress();
                  assertEquals(SIGRT_3, stop.signal());
                })));
  }

  @Test
  void eachListenerSeesWhatTheOnesBeforeItDecided() {
    assertEquals(
        "handled 35 code 0 from another value 0\nafter 10\n",
        stdout(
            guest("verbs", "raises", 10),
            witness,
            atUsr1(stop -> stop.replace(Signal.SIGUSR2)),
            witness,
            at(Signal.SIGUSR2, SignalStop::suppress),
            witness,
            onSignal(stop -> stop.replace(SIGRT_3)),
            witness));
    assertEquals(List.of("SIGUSR1", "SIGUSR2", "no SIGUSR2", "SIGRT_3"), seen);
  }

  @Test
  void aCallbackThatThrowsHasDecidedNothing() {
    Tracer.Builder builder =
        Tracer.builder()
            .onListenerFailure(failure -> {})
            .listener(atUsr1(stop -> stop.replace(Signal.SIGUSR2)))
            .listener(
                onSignal(
                    stop -> {
                      stop.suppress();
                      stop.replace(SigInfo.queued(SIGRT_3, 1, 1, 1));
                      throw new IllegalStateException("on purpose");
                    }))
            .listener(witness);
    try (Tracer tracer = builder.build()) {
      ListenerFailedException failure =
          assertThrows(
              ListenerFailedException.class,
              () -> Outcome.traced(tracer, guest("verbs", "raises", 10)));
      assertTrue(failure.getMessage().contains("onSignal"), failure::getMessage);
    }
    assertEquals(List.of("SIGUSR2"), seen);
  }

  @Test
  void theSignalOfACallbackThatThrewIsDeliveredAsTheOthersLeftIt() throws Exception {
    Tracer.Builder builder =
        Tracer.builder()
            .onListenerFailure(failure -> {})
            .listener(
                onSignal(
                    stop -> {
                      stop.suppress();
                      throw new AssertionError("on purpose");
                    }));
    try (Tracer tracer = builder.build()) {
      TraceeHandle tracee = tracer.launch(guest("verbs", "raises", 10));
      String stdout = new String(tracee.process().getInputStream().readAllBytes(), UTF_8);
      assertEquals("handled 10 code 0 from self value 0\nafter 10\n", stdout);
      assertThrows(ListenerFailedException.class, tracee::waitFor);
      assertEquals(ExitStatus.exited(3), tracee.exitStatus());
    }
  }

  @Test
  void aReplacementThatIsBlockedWaitsAndComesAgain() {
    assertEquals(
        "pending: 12\nhandled 12 code 0 from another value 0\npending:\n",
        stdout(guest("verbs", "blocked"), atUsr1(stop -> stop.replace(Signal.SIGUSR2)), witness));
    assertEquals(List.of("SIGUSR2", "SIGUSR2"), seen);
  }

  @Test
  void aReplacementThatIsIgnoredIsGone() {
    assertEquals(
        "after 10\n",
        stdout(guest("verbs", "raises", 10), atUsr1(stop -> stop.replace(Signal.SIGHUP)), witness));
    assertEquals(List.of("SIGHUP"), seen);
  }

  @ParameterizedTest
  @CsvSource({"9, killed by 9", "15, killed by 15", "12, exited 5"})
  void aReplacementDoesWhatItDoesWhenItIsDelivered(int number, String end) {
    String stdout =
        stdout(guest("verbs", "child"), atUsr1(stop -> stop.replace(Signal.of(number))));
    assertTrue(stdout.endsWith("child " + end + "\n"), stdout);
  }

  @ParameterizedTest
  @ValueSource(ints = {19, 20, 21, 22})
  void aStopSignalStopsAlsoAsAReplacement(int number) {
    Recorder recorder = new Recorder(Interest.none());
    Outcome outcome =
        Outcome.traced(
            guest("verbs", "child"), atUsr1(stop -> stop.replace(Signal.of(number))), recorder);
    assertEquals(
        "child stopped by "
            + number
            + "\nhandled 18 code 0 from parent value 0\nafter 10\nchild exited 5\n",
        outcome.stdout());
    assertEquals(
        List.of(Signal.of(number)),
        recorder.all(Recorder.GroupStop.class).stream().map(Recorder.GroupStop::signal).toList());
  }

  @Test
  void aStopSignalThatIsReplacedOrSuppressedDoesNotStop() {
    assertEquals(
        "handled 12 code 0 from another value 0\nafter 19\nchild exited 5\n",
        stdout(
            guest("verbs", "child", 19), at(Signal.SIGSTOP, stop -> stop.replace(Signal.SIGUSR2))));
    assertEquals(
        "after 20\nchild exited 5\n",
        stdout(guest("verbs", "child", 20), at(Signal.SIGTSTP, SignalStop::suppress)));
  }

  @Test
  void aSuppressedSigcontHasContinuedTheProcessAlready() {
    assertEquals(
        "child stopped by 19\nafter 19\nchild exited 5\n",
        stdout(guest("verbs", "child", 19), at(Signal.SIGCONT, SignalStop::suppress)));
  }

  @Test
  void sigcontAsAReplacementRunsItsHandlerAndContinuesNothing() {
    assertEquals(
        "handled 18 code 0 from another value 0\nafter 10\nchild exited 5\n",
        stdout(guest("verbs", "child"), atUsr1(stop -> stop.replace(Signal.SIGCONT))));
  }

  private static long instruction(SignalStop stop) {
    return stop.registers().get(Cpu.choose("rip", "pc"));
  }

  private static void skip(SignalStop stop, int length) {
    stop.registers().set(Cpu.choose("rip", "pc"), instruction(stop) + length);
    stop.suppress();
  }

  /** Instead of mov (%rbx), %rax or ldr x0, [x0]. */
  private static void load(SignalStop stop, long value) {
    stop.registers().set(Cpu.choose("rax", "x0"), value);
    skip(stop, Cpu.choose(3, 4));
  }

  @Test
  void faultsAreEmulatedSkippedAndMended() {
    List<SigInfo> faults = new ArrayList<>();
    TraceeListener emulator =
        onSignal(
            stop -> {
              faults.add(stop.info());
              switch (stop.signal().name()) {
                case "SIGSEGV" -> load(stop, 4711);
                case "SIGILL" -> {
                  // ud2, udf #0.
                  byte[] undefined = Cpu.choose(new byte[] {0x0f, 0x0b}, new byte[4]);
                  assertArrayEquals(
                      undefined, stop.memory().read(instruction(stop), undefined.length));
                  skip(stop, undefined.length);
                }
                default -> {
                  // The divisor; the instruction is executed again.
                  stop.registers().set("rcx", -1);
                  stop.suppress();
                }
              }
            });
    assertEquals(
        "loaded 4711\nafter SIGILL\n" + Cpu.choose("quotient -1\n", ""),
        stdout(guest("verbs", "faults"), emulator));
    assertEquals(Cpu.choose(3, 2), faults.size());
    assertEquals(0, faults.get(0).address());
  }

  @Test
  void aSuppressedFaultComesAgainUntilItIsMended() {
    AtomicInteger times = new AtomicInteger();
    TraceeListener mender =
        at(
            Signal.SIGSEGV,
            stop -> {
              stop.suppress();
              if (times.incrementAndGet() == 100) {
                load(stop, 7);
              }
            });
    TraceeListener killer = at(Signal.SIGILL, stop -> stop.replace(Signal.SIGTERM));
    Outcome outcome = Outcome.traced(guest("verbs", "faults"), mender, killer);
    assertEquals(new Outcome("loaded 7\n", "", 128 + 15), outcome);
    assertEquals(100, times.get());
  }

  @Test
  void aCallThatTheKernelCannotRestartIsNotInterruptedByASuppressedSignal() {
    SyscallListener sender =
        new SyscallListener() {
          @Override
          public Interest interest() {
            return Interest.of(Cpu.choose("epoll_wait", "epoll_pwait"));
          }

          @Override
          public void onEnter(SyscallEnter call) {
            call.task().signal(Signal.SIGUSR1);
          }
        };
    Outcome outcome =
        Outcome.traced(guest("verbs", "waits"), sender, onSignal(SignalStop::suppress));
    assertEquals("epoll_wait 0 Success\n", outcome.stdout());
  }

  @Test
  void whatIsNoSignalIsRefused() {
    List<Throwable> refusals = new ArrayList<>();
    assertEquals(
        "handled 10 code 0 from self value 0\nafter 10\n",
        stdout(
            guest("verbs", "raises", 10),
            onSignal(
                stop -> {
                  for (int number : new int[] {0, 65, -1}) {
                    refusals.add(
                        assertThrows(
                            IllegalArgumentException.class, () -> stop.replace(Signal.of(number))));
                    refusals.add(
                        assertThrows(
                            IllegalArgumentException.class,
                            () -> stop.replace(SigInfo.sent(Signal.of(number), 1, 1))));
                  }
                  assertThrows(NullPointerException.class, () -> stop.replace((Signal) null));
                  assertThrows(NullPointerException.class, () -> stop.replace((SigInfo) null));
                })));
    assertEquals(6, refusals.size());
    assertTrue(refusals.get(0).getMessage().contains("SIG_0 cannot be delivered to task"));
  }

  @Test
  void theVerbsAreValidInTheirCallbackOnly() {
    List<SignalStop> kept = new ArrayList<>();
    stdout(guest("verbs", "raises", 10), onSignal(kept::add));
    SignalStop stop = kept.get(0);
    for (Runnable use :
        List.<Runnable>of(
            stop::suppress,
            () -> stop.replace(Signal.SIGUSR1),
            () -> stop.replace(SigInfo.sent(Signal.SIGUSR1, 1, 1)),
            stop::isSuppressed,
            stop::signal,
            stop::info,
            stop::registers,
            stop::memory)) {
      assertThrows(IllegalTraceeStateException.class, use::run);
    }
  }
}
