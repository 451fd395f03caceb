package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.listener;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static io.sysmon.tests.rewrite.Calls.onExit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.HeldCall;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.SeccompMode;
import io.sysmon.SigInfo;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.TraceException;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.UnknownSyscallException;
import io.sysmon.Verdict;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** System calls that are made inside a stopped tracee. */
class RemoteCallsTest extends RemoteCallsContract {
  private static final Duration LIMIT = Effort.limit(Duration.ofSeconds(20));

  @Override
  ProcessBuilder remote(Object... words) {
    return guest("remote", words);
  }

  @Test
  void aCallMadeInATraceeHasItsResultAndOthersDoNotSeeIt() {
    List<String> seen = new ArrayList<>();
    SyscallListener listener =
        onEnter(
            "getppid",
            call -> {
              long page = call.syscall("mmap", 0, 8192, 3, 0x22, -1, 0);
              assertTrue(page > 0 && page % 4096 == 0, () -> "mmap: " + page);
              byte[] text = "within the tracee\0".getBytes(StandardCharsets.UTF_8);
              call.memory().write(page, text);
              assertEquals(text.length - 1, call.syscall("write", 1, page, text.length - 1));
              assertEquals(0, call.syscall("munmap", page, 8192));
              assertEquals(-Errno.EBADF.number(), call.syscall("close", 999));
              assertEquals(-Errno.EFAULT.number(), call.syscall("write", 1, 8, 1));
              // Arguments that are not given are what they are.
              assertEquals(call.pid(), call.syscall("getpid"));
            });
    Recorder recorder = new Recorder();
    Outcome outcome = Outcome.traced(guest("held", "alone"), listener, recorder);
    assertTrue(outcome.stdout().startsWith("within the traceeasked: parent"), outcome::stdout);
    assertEquals(List.of(), seen);
    assertEquals(1, recorder.enters("getppid").size());
    assertEquals(1, recorder.exits("getppid").size());
    assertEquals(1, recorder.enters("write").stream().filter(call -> call.arg(0) == 1).count());
    assertEquals(recorder.enters("munmap").size(), recorder.exits("munmap").size());
  }

  @Test
  void theViewTellsTheSameBeforeAndAfter() {
    List<String> differences = new ArrayList<>();
    SyscallListener comparing =
        listener(
            Interest.all(), call -> compare(call, differences), call -> compare(call, differences));
    Outcome outcome = Outcome.traced(guest("held", "say", "hello"), comparing);
    assertEquals("hello\n", outcome.stdout());
    assertEquals(List.of(), differences);
  }

  private static void compare(SyscallStop call, List<String> differences) {
    String before = describe(call);
    long pid = call.syscall("getpid");
    String after = describe(call);
    if (!before.equals(after) || pid != call.pid()) {
      differences.add("\n" + before + "\n" + after + "\n" + pid);
    }
  }

  private static String describe(SyscallStop call) {
    StringBuilder text = new StringBuilder(call.toString());
    text.append(' ').append(call.instructionPointer()).append(' ').append(call.stackPointer());
    call.registers().names().stream()
        // At an entry the kernel has its own use for them.
        .filter(name -> !List.of("rcx", "r11").contains(name))
        .sorted()
        .forEach(
            name -> text.append(' ').append(name).append(' ').append(call.registers().get(name)));
    return text.toString();
  }

  @Test
  void aHeldTasksProcessTakesCallsFromAnyThread() throws Exception {
    BlockingQueue<HeldCall> held = new LinkedBlockingQueue<>();
    SyscallListener holder =
        onEnter("getppid", call -> held.add(call.hold(Duration.ofSeconds(60), Verdict.skip(1))));
    try (Talk guest = Talk.with(guest("held", "beside"), holder)) {
      HeldCall call = held.poll(20, TimeUnit.SECONDS);
      TraceeHandle tracee = guest.tracee();
      List<CompletableFuture<Void>> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        threads.add(
            Background.run(
                () -> {
                  for (int i = 0; i < 50; i++) {
                    assertEquals(tracee.pid(), tracee.syscall("getpid"));
                    assertEquals(call.task().tid(), tracee.syscall("gettid"));
                  }
                }));
      }
      guest.say("hello");
      assertEquals("echo hello", guest.line());
      threads.forEach(CompletableFuture::join);
      call.proceed();
      assertTrue(guest.line().startsWith("asked: parent"));
      // Nobody is stopped any more.
      IllegalTraceeStateException running =
          assertThrows(IllegalTraceeStateException.class, () -> tracee.syscall("getpid"));
      assertTrue(running.getMessage().contains("" + tracee.pid()), running::getMessage);
      guest.end();
      assertEquals(0, guest.exitValue());
      assertThrows(TraceeDiedException.class, () -> tracee.syscall("getpid"));
    }
  }

  @Test
  void aCallbackMayMakeCallsInAnotherProcessThatIsHeld() throws Exception {
    BlockingQueue<HeldCall> held = new LinkedBlockingQueue<>();
    SyscallListener holder =
        onEnter(
            "getppid",
            call -> {
              if (held.isEmpty()) {
                held.add(call.hold(Duration.ofSeconds(60), Verdict.skip(1)));
                return;
              }
              HeldCall first = held.peek();
              long before = call.instructionPointer();
              assertEquals(first.task().pid(), first.task().tracee().syscall("getpid"));
              assertEquals(call.pid(), call.task().tracee().syscall("getpid"));
              assertEquals(before, call.instructionPointer());
              assertEquals(2, call.arg(1));
              call.skip(4711);
              first.skip(4711);
            });
    try (Talk one = Talk.with(guest("held", "alone"), holder)) {
      while (held.isEmpty()) {
        Thread.onSpinWait();
      }
      Outcome other = Outcome.traced(one.tracer(), guest("held", "alone"));
      assertTrue(other.stdout().startsWith("asked: 4711"), other::stdout);
      assertTrue(one.rest().startsWith("asked: 4711"));
      assertEquals(0, one.tracee().waitFor());
    }
  }

  @Test
  void whatCannotBeInjectedIsRefusedAndTheTraceeGoesOn() throws Exception {
    List<Throwable> refusals = new ArrayList<>();
    SyscallListener asker =
        onEnter(
            "getppid",
            call -> {
              for (String name :
                  List.of(
                      "exit",
                      "exit_group",
                      "execve",
                      "execveat",
                      Cpu.choose("fork", "clone"),
                      Cpu.choose("vfork", "clone"),
                      "clone",
                      "clone3",
                      "rt_sigreturn")) {
                refusals.add(
                    assertThrows(IllegalArgumentException.class, () -> call.syscall(name)));
              }
              refusals.add(
                  assertThrows(
                      IllegalArgumentException.class,
                      () -> call.syscall("getpid", 1, 2, 3, 4, 5, 6, 7)));
              assertThrows(UnknownSyscallException.class, () -> call.syscall("getpidd"));
              assertThrows(UnknownSyscallException.class, () -> call.syscall(""));
              assertThrows(UnknownSyscallException.class, () -> call.syscall(null));
              assertThrows(NullPointerException.class, () -> call.syscall("getpid", (long[]) null));
              assertEquals(call.pid(), call.syscall("getpid", 1, 2, 3, 4, 5, 6));
            });
    Outcome outcome = Outcome.traced(guest("held", "alone"), asker);
    assertTrue(outcome.stdout().startsWith("asked: parent"), outcome::stdout);
    assertEquals(10, refusals.size());
    assertTrue(refusals.get(2).getMessage().contains("execve"), refusals::toString);
  }

  @Test
  void badArgumentsFromAnotherThreadAreRefusedToItAlone() throws Exception {
    BlockingQueue<HeldCall> held = new LinkedBlockingQueue<>();
    SyscallListener holder =
        onEnter("getppid", call -> held.add(call.hold(Duration.ofSeconds(60), Verdict.skip(1))));
    try (Talk guest = Talk.with(guest("held", "alone"), holder)) {
      HeldCall call = held.poll(20, TimeUnit.SECONDS);
      TraceeHandle tracee = guest.tracee();
      assertThrows(UnknownSyscallException.class, () -> tracee.syscall(null));
      assertThrows(NullPointerException.class, () -> tracee.syscall("getpid", (long[]) null));
      assertThrows(UnknownSyscallException.class, () -> tracee.syscall("getpidd"));
      assertThrows(IllegalArgumentException.class, () -> tracee.syscall("execve"));
      assertThrows(
          IllegalArgumentException.class, () -> tracee.syscall("getpid", 1, 2, 3, 4, 5, 6, 7));
      assertEquals(tracee.pid(), tracee.syscall("getpid"));
      call.skip(4711);
      assertTrue(guest.rest().startsWith("asked: 4711"));
      assertEquals(0, tracee.waitFor());
    }
  }

  @Test
  void aCallIsMadeAtTheEndOfAnExecveToo() {
    SyscallListener atExec =
        onExit(
            "execve",
            call -> {
              if (!call.failed()) {
                inject(call);
              }
            });
    Outcome outcome =
        Outcome.traced(new ProcessBuilder("sh", "-c", "/bin/echo one; exec /bin/echo two"), atExec);
    assertEquals("one\ntwo\n", outcome.stdout());
    assertEquals(3, made.get());
  }

  @ParameterizedTest
  @CsvSource({"1, 40", "3, 25"})
  void aProcessThatIsStoppedMeanwhileStopsAndContinuesAsItsParentIsTold(int threads, int rounds) {
    Outcome outcome =
        Outcome.traced(guest("remote", "stops", threads, Effort.rounds(rounds)), injecting);
    assertEquals("bad=0\nchild killed by 9\n", outcome.stdout());
    assertTrue(made.get() > Effort.rounds(rounds), made::toString);
  }

  @ParameterizedTest
  @CsvSource({"1, 300", "3, 300"})
  void aContinuationRightBehindAStopLeavesNothingStopped(int threads, int rounds) {
    Outcome outcome =
        Outcome.traced(guest("remote", "stop_cont", threads, Effort.rounds(rounds)), injecting);
    assertEquals("bad=0\nchild killed by 9\n", outcome.stdout());
  }

  /** Has who continues a process wait until its stop was told. */
  private static final class Patience implements SyscallListener, TraceeListener {
    private final Semaphore told = new Semaphore(0);

    @Override
    public Interest interest() {
      return Interest.enter("kill");
    }

    @Override
    public void onEnter(SyscallEnter call) {
      if (call.arg(1) == Signal.SIGCONT.number()) {
        HeldCall held = call.hold(LIMIT, Verdict.proceed());
        var unused =
            Background.run(
                () -> {
                  told.acquire();
                  held.proceed();
                });
      }
    }

    @Override
    public void onGroupStop(TraceeTask task, Signal signal) {
      told.release();
    }
  }

  @Test
  void aStopSignalThatComesMeanwhileIsToldAsEveryOther() {
    int rounds = Effort.rounds(40);
    Recorder recorder = new Recorder(Interest.none());
    Outcome outcome =
        Outcome.traced(guest("remote", "stops", 1, rounds), injecting, recorder, new Patience());
    assertEquals("bad=0\nchild killed by 9\n", outcome.stdout());
    assertEquals(
        rounds,
        recorder.all(Recorder.Delivery.class).stream()
            .filter(d -> d.signal().equals(Signal.SIGSTOP))
            .count());
    assertEquals(rounds, recorder.all(Recorder.GroupStop.class).size());
  }

  /** Its parent is traced too, and slow, so that its SIGCONT comes late enough. */
  @Test
  void aStopSignalThatComesMeanwhileIsDecidedAboutAsEveryOther() {
    AtomicInteger duringCalls = new AtomicInteger();
    TraceeListener suppressing =
        new TraceeListener() {
          @Override
          public void onSignal(SignalStop stop) {
            if (!stop.signal().equals(Signal.SIGSTOP)) {
              return;
            }
            stop.suppress();
            assertEquals(SigInfo.SI_USER, stop.info().code());
            try {
              stop.registers().get(Cpu.choose("rip", "pc"));
            } catch (IllegalTraceeStateException e) {
              duringCalls.incrementAndGet();
              assertThrows(
                  IllegalTraceeStateException.class, () -> stop.task().tracee().syscall("getpid"));
            }
          }
        };
    Recorder recorder = new Recorder(Interest.none());
    Outcome outcome =
        Outcome.traced(
            SeccompMode.OFF,
            guest("remote", "stop_cont", 1, Effort.rounds(30)),
            injecting,
            suppressing,
            recorder);
    assertEquals("bad=0\nchild killed by 9\n", outcome.stdout());
    assertEquals(0, recorder.all(Recorder.GroupStop.class).size());
    assertTrue(duringCalls.get() > 0, duringCalls::toString);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aProcessThatIsKilledMeanwhileIsJustDead(int threads) throws Exception {
    for (int i = 0; i < Effort.rounds(150) || made.get() == 0; i++) {
      try (Talk guest = Talk.with(guest("held", "forever", threads), injecting)) {
        guest.line();
        LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(1000 * Effort.micros(1500)));
        guest.tracee().kill();
        assertEquals(137, guest.exitValue());
        assertTrue(guest.tracer().awaitTracees(Duration.ofSeconds(10)));
      }
    }
  }

  @Test
  void anotherThreadsExecveMeanwhileReplacesTheTask() {
    AtomicInteger failures = new AtomicInteger();
    SyscallListener all =
        listener(
            Interest.of("getppid"),
            call -> {
              try {
                inject(call);
              } catch (TraceException e) {
                failures.incrementAndGet();
                throw e;
              }
            },
            call -> {});
    Outcome outcome = Outcome.traced(guest("held", "exec_rounds", Effort.rounds(60)), all);
    assertEquals("no rounds left\n", outcome.stdout());
    assertEquals(0, outcome.exitValue());
  }

  /** The verbs that need an injected call, or that the kernel shows to the filter. */
  private static SyscallListener underFilter(List<Object> seen) {
    return onEnter(
        "getppid",
        call -> {
          switch ((int) call.arg(0)) {
            case 0 -> seen.add(call.syscall("getpid") == call.pid());
            case 1 -> {
              call.relocateString(1, "new text");
              seen.add(call.string(1));
            }
            case 2 -> call.skip(4711);
            case 3 -> call.fail(Errno.EACCES);
            default -> {}
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void theTraceesOwnFilterIsSuspendedForTheVerbsAndThenInForceAgain(int kills) throws Exception {
    List<Object> seen = new ArrayList<>();
    // The first getppid is the one before the filter, whose arguments are anything.
    AtomicInteger calls = new AtomicInteger();
    SyscallListener inner = underFilter(seen);
    SyscallListener listener =
        onEnter(
            "getppid",
            call -> {
              if (calls.getAndIncrement() > 0) {
                inner.onEnter(call);
              }
            });
    Outcome outcome = Outcome.traced(guest("remote", "filtered", kills), listener);
    assertEquals(
        "parent 0\nparent 0\nresult 4711\nresult -1\nold text\n"
            + (kills == 0 ? "getpid -1\n" : ""),
        outcome.stdout());
    // SIGSYS by the guest's last call, which its filter does not allow.
    assertEquals(kills == 0 ? 0 : 128 + 31, outcome.exitValue());
    assertEquals(List.of(true, "new text"), seen);
  }

  /** Runs without CAP_SYS_ADMIN in a JVM of its own. */
  static final class Unprivileged {
    private Unprivileged() {}

    /** Traces a guest that has a filter, and says what was refused. */
    public static void main(String[] arguments) {
      AtomicInteger calls = new AtomicInteger();
      SyscallListener listener =
          onEnter(
              "getppid",
              call -> {
                if (calls.getAndIncrement() == 0) {
                  return;
                }
                switch ((int) call.arg(0)) {
                  case 0 -> report(() -> call.syscall("getpid"));
                  case 1 -> report(() -> call.relocateString(1, "new text"));
                  case 2 -> report(() -> call.skip(4711));
                  case 3 -> report(() -> call.fail(Errno.EACCES));
                  default -> {}
                }
              });
      Outcome outcome =
          Outcome.traced(
              new ProcessBuilder(Arrays.asList(arguments)).redirectErrorStream(true), listener);
      System.out.print(outcome.stdout());
      System.out.println(outcome.exitValue());
    }

    private static void report(Runnable verb) {
      try {
        verb.run();
        System.out.println("done");
      } catch (TracePermissionException e) {
        System.out.println("refused, CAP_SYS_ADMIN: " + e.getMessage().contains("CAP_SYS_ADMIN"));
      }
    }
  }

  private static List<String> unprivileged(String how, ProcessBuilder traced) {
    List<String> command = new ArrayList<>(guest("remote", how).command());
    command.addAll(
        ChildJvm.of(Unprivileged.class, traced.command().toArray(String[]::new)).command());
    Outcome outcome = Outcome.bare(new ProcessBuilder(command));
    assertEquals(0, outcome.exitValue(), outcome::stderr);
    return outcome.stdout().lines().toList();
  }

  @Test
  void withoutThePrivilegeToSuspendAFilterCallsAreRefusedAndTheTraceeIsUnharmed() {
    List<String> lines = unprivileged("unprivileged", guest("remote", "filtered", 1));
    assertEquals("refused, CAP_SYS_ADMIN: true", lines.get(0));
    assertEquals("refused, CAP_SYS_ADMIN: true", lines.get(1));
    // It lives to its last call.
    assertTrue(lines.contains("old text"), lines::toString);
    assertEquals("159", lines.get(lines.size() - 1));
  }

  @Test
  void aFilterThatTheTracerHasTooIsNoHindrance() {
    List<String> lines = unprivileged("contained", guest("held", "asks_twice"));
    assertEquals(List.of("done", "done", "done", "done"), lines.subList(0, 4));
    assertTrue(lines.contains("result 4711"), lines::toString);
    assertEquals("0", lines.get(lines.size() - 1));
  }
}
