package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.listener;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.BadAddressException;
import io.sysmon.Breakpoint;
import io.sysmon.CodeStop;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.ListenerFailedException;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Breakpoints and single steps. */
class BreakpointsTest {
  private static final SyscallListener EVERY_CALL =
      listener(Interest.all(), call -> {}, call -> {});

  private final AtomicInteger hits = new AtomicInteger();

  private void counting(CodeStop stop) {
    hits.incrementAndGet();
  }

  /** Signals that the program gets, which breakpoints and steps must not add to. */
  private static final class Signals implements TraceeListener {
    private final List<Signal> seen = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void onSignal(SignalStop stop) {
      seen.add(stop.signal());
    }
  }

  @Test
  void eachHitIsToldOnceAndTheProgramDoesWhatItDoes() throws Exception {
    Signals signals = new Signals();
    try (Talk guest = Talk.with(guest("code", "count", 1000), signals)) {
      long target = guest.value("at");
      List<Long> arguments = new ArrayList<>();
      Breakpoint breakpoint =
          guest
              .tracee()
              .setBreakpoint(
                  target,
                  stop -> {
                    hits.incrementAndGet();
                    arguments.add(stop.registers().get(Cpu.choose("rdi", "x0")));
                    assertEquals(target, stop.address());
                    assertEquals(target, stop.registers().get(Cpu.choose("rip", "pc")));
                    assertEquals(guest.tracee(), stop.task().tracee());
                  });
      assertEquals(target, breakpoint.address());
      guest.say("go");
      assertEquals("sum=500500\n", guest.rest());
      assertEquals(0, guest.exitValue());
      assertEquals(1000, hits.get());
      assertEquals(1, arguments.get(0));
      assertEquals(1000, arguments.get(999));
      assertEquals(List.of(), signals.seen);
    }
  }

  @Test
  void aBreakpointThatIsRemovedLeavesTheCodeAsItWas() throws Exception {
    try (Talk guest = Talk.with(guest("code", "twice", 10))) {
      TraceeHandle tracee = guest.tracee();
      long target = guest.value("at");
      byte[] code = tracee.memory().read(target, 16);
      Breakpoint breakpoint = tracee.setBreakpoint(target, this::counting);
      assertNotEquals(code[0], tracee.memory().readByte(target));
      guest.say("go");
      guest.value("at");
      assertEquals(10, hits.get());
      breakpoint.remove();
      breakpoint.remove();
      assertArrayEquals(code, tracee.memory().read(target, 16));
      Breakpoint again = tracee.setBreakpoint(target, stop -> hits.addAndGet(100));
      // Not its own any more.
      breakpoint.remove();
      assertNotEquals(code[0], tracee.memory().readByte(target));
      again.remove();
      guest.say("go");
      assertEquals("sum=110\n", guest.rest());
      assertEquals(10, hits.get());
      assertEquals(0, guest.exitValue());
      again.remove();
    }
  }

  @Test
  void aBreakpointMayBeRemovedAndReplacedInItsOwnCallback() throws Exception {
    try (Talk guest = Talk.with(guest("code", "count", 50))) {
      long target = guest.value("at");
      AtomicReference<Breakpoint> breakpoint = new AtomicReference<>();
      AtomicInteger later = new AtomicInteger();
      breakpoint.set(
          guest
              .tracee()
              .setBreakpoint(
                  target,
                  stop -> {
                    breakpoint.get().remove();
                    if (hits.incrementAndGet() == 1) {
                      guest.tracee().setBreakpoint(target, next -> later.incrementAndGet());
                    }
                  }));
      guest.say("go");
      assertEquals("sum=1275\n", guest.rest());
      assertEquals(0, guest.exitValue());
      assertEquals(1, hits.get());
      // The new one is met at the instruction that the first was met at.
      assertTrue(later.get() == 49 || later.get() == 50, later::toString);
    }
  }

  @Test
  void aBreakpointComesAndGoesFromAnotherThreadWhileTheProgramRuns() throws Exception {
    // Code that is written while another of QEMU 7.2's processors translates it stays the old code
    // there: the memory has the breakpoint, and the loop runs through it for as long as one waits.
    Effort.assumeNotEmulated("code that is translated while it changes");
    try (Talk guest = Talk.with(guest("code", "forever"))) {
      TraceeHandle tracee = guest.tracee();
      long target = guest.value("at");
      byte[] code = tracee.memory().read(target, 16);
      guest.say("go");
      for (int i = 0; i < Effort.rounds(100); i++) {
        CompletableFuture<Boolean> hit = new CompletableFuture<>();
        Breakpoint breakpoint = tracee.setBreakpoint(target, stop -> hit.complete(true));
        assertTrue(hit.get(10, TimeUnit.SECONDS));
        breakpoint.remove();
        assertArrayEquals(code, tracee.memory().read(target, 16));
      }
      assertTrue(tracee.isAlive());
    }
  }

  @Test
  void signalsThatArriveOnTheWayNeitherLoseNorDoubleAHit() throws Exception {
    int count = Effort.rounds(3000);
    try (Talk guest = Talk.with(guest("code", "timer", count))) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("sum=" + count * (count + 1L) / 2 + " many signals\n", guest.rest());
      assertEquals(0, guest.exitValue());
      assertEquals(count, hits.get());
    }
  }

  @Test
  void aHandlerThatMeetsTheBreakpointItselfIsCountedToo() throws Exception {
    int count = Effort.rounds(3000);
    try (Talk guest = Talk.with(guest("code", "nested", count))) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      String output = guest.rest();
      assertEquals("calls=" + hits.get() + "\n", output);
      assertTrue(hits.get() > count, hits::toString);
    }
  }

  @Test
  void aHandlerThatDoesNotReturnLosesNoHit() throws Exception {
    int count = Effort.rounds(3000);
    try (Talk guest = Talk.with(guest("code", "jumps", count))) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("sum=%d of %d, many jumps\n".formatted(count, count), guest.rest());
      assertTrue(hits.get() >= count, hits::toString);
    }
  }

  @Test
  void aForkedChildDoesNotHaveItAndItsParentKeepsIt() throws Exception {
    Signals signals = new Signals();
    try (Talk guest = Talk.with(guest("code", "forks"), signals)) {
      Set<Integer> who = new TreeSet<>();
      guest
          .tracee()
          .setBreakpoint(
              guest.value("at"),
              stop -> {
                hits.incrementAndGet();
                who.add(stop.task().pid());
              });
      guest.say("go");
      assertEquals("sum=60\n", guest.rest());
      assertEquals(40, hits.get());
      assertEquals(Set.of(guest.tracee().pid()), who);
      assertEquals(Set.of(Signal.SIGCHLD), Set.copyOf(signals.seen));
    }
  }

  @Test
  void aVforkChildIsInTheSameMemoryAndHitsIt() throws Exception {
    try (Talk guest = Talk.with(guest("code", "vforks"))) {
      List<Integer> who = new ArrayList<>();
      guest.tracee().setBreakpoint(guest.value("at"), stop -> who.add(stop.task().pid()));
      guest.say("go");
      assertTrue(guest.rest().endsWith("child exited 0\nsum=80\n"));
      assertEquals(60, who.size());
      assertEquals(20, Collections.frequency(who, guest.tracee().pid()));
      // 40 hits by 20 children.
      assertEquals(21, Set.copyOf(who).size());
    }
  }

  @Test
  void aVforkChildThatIsKilledInTheMiddleOfItsStepLeavesTheBreakpointToItsParent()
      throws Exception {
    int rounds = Effort.rounds(60);
    try (Talk guest = Talk.with(guest("code", "vfork_killed", rounds))) {
      TraceeHandle parent = guest.tracee();
      List<Integer> who = new ArrayList<>();
      parent.setBreakpoint(guest.value("at"), stop -> who.add(stop.task().pid()));
      guest.say("go");
      for (int i = 0; i < rounds; i++) {
        guest.value("at");
        // When the tracer's thread answers, it has taken up the child's end.
        assertThrows(IllegalTraceeStateException.class, () -> parent.syscall("getpid"));
        guest.say("go");
      }
      assertEquals("sum=" + rounds + "\n", guest.rest());
      assertEquals(rounds, Collections.frequency(who, parent.pid()));
    }
  }

  @Test
  void aBreakpointThatAVforkChildWasGivenIsRemovedFromItsParent() throws Exception {
    List<Breakpoint> set = new ArrayList<>();
    List<Integer> who = new ArrayList<>();
    SyscallListener setting =
        onEnter(
            "getppid",
            call ->
                set.add(
                    call.task()
                        .tracee()
                        .setBreakpoint(call.arg(0), stop -> who.add(stop.task().pid()))));
    try (Talk guest = Talk.with(guest("code", "vfork_sets"), setting)) {
      long target = guest.value("at");
      byte[] code = guest.tracee().memory().read(target, 16);
      guest.say("go");
      assertEquals("child exited 0", guest.line());
      guest.value("at");
      assertEquals(Collections.nCopies(2, guest.tracee().pid()), who);
      set.get(0).remove();
      assertArrayEquals(code, guest.tracee().memory().read(target, 16));
      guest.say("go");
      assertEquals("sum=9\n", guest.rest());
      assertEquals(2, who.size());
    }
  }

  @Test
  void aProcessThatSharesTheMemoryWithoutVforkHitsItAndTakesNothingAway() throws Exception {
    try (Talk guest = Talk.with(guest("code", "shares"))) {
      List<Integer> who = new ArrayList<>();
      guest.tracee().setBreakpoint(guest.value("at"), stop -> who.add(stop.task().pid()));
      guest.say("go");
      assertEquals("child exited 0\n".repeat(5) + "sum=45\n", guest.rest());
      assertEquals(15, Collections.frequency(who, guest.tracee().pid()), who::toString);
      assertEquals(25, who.size());
    }
  }

  @Test
  void aVforkChildWithMemoryOfItsOwnDoesNotHaveIt() throws Exception {
    try (Talk guest = Talk.with(guest("code", "vfork_copies"))) {
      List<Integer> who = new ArrayList<>();
      guest.tracee().setBreakpoint(guest.value("at"), stop -> who.add(stop.task().pid()));
      guest.say("go");
      assertEquals("child exited 0\n".repeat(5) + "sum=30\n", guest.rest());
      assertEquals(Collections.nCopies(15, guest.tracee().pid()), who);
    }
  }

  @Test
  void itIsGoneAfterAnExec() throws Exception {
    try (Talk guest = Talk.with(guest("code", "execs", 7))) {
      Breakpoint breakpoint = guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      guest.value("at");
      breakpoint.remove();
      guest.say("go");
      assertEquals("sum=28\n", guest.rest());
      assertEquals(4, hits.get());
      assertEquals(0, guest.exitValue());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBreakpointAtASystemCallInstructionIsHitEachTime(boolean tracesCalls) throws Exception {
    AtomicInteger exits = new AtomicInteger();
    SyscallListener calls =
        listener(
            tracesCalls ? Interest.exit("getppid") : Interest.none(),
            call -> {},
            call -> exits.incrementAndGet());
    try (Talk guest = Talk.with(guest("code", "at_syscall", 200), calls)) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("bad=0\n", guest.rest());
      assertEquals(200, hits.get());
      assertEquals(tracesCalls ? 200 : 0, exits.get());
    }
  }

  @Test
  void anInstructionThatFaultsReachesTheProgramsHandlerAndIsExecutedAgain() throws Exception {
    try (Talk guest = Talk.with(guest("code", "faults", 300))) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("got=12600 handled=300\n", guest.rest());
      assertEquals(300, hits.get());
    }
  }

  @Test
  void theProgramsOwnTrapsReachIt() throws Exception {
    Signals signals = new Signals();
    try (Talk guest = Talk.with(guest("code", "traps", 100), signals, EVERY_CALL)) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("sum=200 breakpoint=100 raised=100 other=0\n", guest.rest());
      assertEquals(200, hits.get());
      assertEquals(Collections.nCopies(200, Signal.SIGTRAP), signals.seen);
    }
  }

  @Test
  void aRepeatedInstructionIsOneHit() throws Exception {
    Cpu.X86_64.assume();
    try (Talk guest = Talk.with(guest("code", "copies"))) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("copied\n", guest.rest());
      assertEquals(5, hits.get());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stepsGoThroughAFunctionInstructionByInstruction(boolean tracesCalls) throws Exception {
    Signals signals = new Signals();
    try (Talk guest =
        tracesCalls
            ? Talk.with(guest("code", "steps"), signals, EVERY_CALL)
            : Talk.with(guest("code", "steps"), signals)) {
      long start = guest.value("at");
      Steps steps = new Steps(5);
      guest.tracee().setBreakpoint(start, steps);
      guest.say("go");
      assertEquals("result=4\n", guest.rest());
      assertEquals(fiveInstructions(start), steps.addresses.subList(0, 5));
      assertEquals(6, steps.addresses.size());
      assertEquals(List.of(), signals.seen);
    }
  }

  /** Of x86: mov $imm32, add $imm8, inc, nop, ret. */
  private static List<Long> fiveInstructions(long start) {
    return at(start, Cpu.choose(List.of(0, 5, 8, 10, 11), List.of(0, 4, 8, 12, 16)));
  }

  private static List<Long> at(long start, List<Integer> offsets) {
    return offsets.stream().map(offset -> start + offset).toList();
  }

  /** Steps on from a breakpoint. */
  private static final class Steps implements Consumer<CodeStop> {
    final List<Long> addresses = new ArrayList<>();
    private int left;

    Steps(int count) {
      left = count;
    }

    @Override
    public void accept(CodeStop stop) {
      addresses.add(stop.address());
      assertEquals(stop.address(), stop.registers().get(Cpu.choose("rip", "pc")));
      if (left-- > 0) {
        stop.step(this);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepOverASystemCallHasItsOrdinaryStops(boolean tracesCalls) throws Exception {
    List<String> stops = new ArrayList<>();
    SyscallListener calls =
        listener(
            tracesCalls ? Interest.of("getppid") : Interest.none(),
            call -> {
              stops.add("enter");
              call.setArg(0, 4711);
            },
            call -> stops.add("exit"));
    Signals signals = new Signals();
    try (Talk guest = Talk.with(guest("code", "steps_call"), calls, signals)) {
      long start = guest.value("at");
      Steps steps = new Steps(4);
      guest.tracee().setBreakpoint(start, steps);
      guest.say("go");
      assertEquals("parent\n", guest.rest());
      assertEquals(0, guest.exitValue());
      // Of x86: mov $imm32, syscall, nop, nop, ret.
      assertEquals(
          at(start, Cpu.choose(List.of(0, 5, 7, 8, 9), List.of(0, 4, 8, 12, 16))), steps.addresses);
      // The guest calls getppid once more, to compare.
      assertEquals(tracesCalls ? List.of("enter", "exit", "enter", "exit") : List.of(), stops);
      assertEquals(List.of(), signals.seen);
    }
  }

  @Test
  void aSignalThatArrivesWhileSteppingIsHandledAndTheStepsGoOn() throws Exception {
    Signals signals = new Signals();
    try (Talk guest = Talk.with(guest("code", "steps_signal"), signals)) {
      long start = guest.value("at");
      List<Long> function = fiveInstructions(start);
      List<Long> addresses = new ArrayList<>();
      AtomicInteger left = new AtomicInteger(500);
      Consumer<CodeStop> next =
          new Consumer<>() {
            @Override
            public void accept(CodeStop stop) {
              addresses.add(stop.address());
              if (addresses.size() == 2) {
                stop.task().tracee().signal(Signal.SIGUSR1);
              }
              if (stop.address() != function.get(4) && left.decrementAndGet() > 0) {
                stop.step(this);
              }
            }
          };
      guest.tracee().setBreakpoint(start, next);
      guest.say("go");
      assertEquals("result=4 handled=1\n", guest.rest());
      assertEquals(List.of(Signal.SIGUSR1), signals.seen);
      assertEquals(
          function,
          addresses.stream().filter(a -> a >= start && a <= function.get(4)).distinct().toList());
    }
  }

  @Test
  void codeThatGoesAwayTakesItsBreakpointAlongAndNothingElseIsWritten() throws Exception {
    try (Talk guest = Talk.with(guest("code", "unmaps"))) {
      Breakpoint breakpoint = guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("returned 7", guest.line());
      assertEquals("child exited 5", guest.line());
      assertEquals("child exited 6", guest.line());
      guest.value("at");
      breakpoint.remove();
      guest.say("go");
      assertEquals("d\n", guest.rest());
      assertEquals(1, hits.get());
    }
  }

  @Test
  void severalThreadsRunThroughItAndNoneIsHarmed() throws Exception {
    Signals signals = new Signals();
    int count = Effort.rounds(1500);
    try (Talk guest = Talk.with(guest("code", "threads", count), signals)) {
      TraceeHandle tracee = guest.tracee();
      long target = guest.value("at");
      tracee.setBreakpoint(target, this::counting);
      guest.say("go");
      assertEquals("done\n", guest.rest());
      assertEquals(0, guest.exitValue());
      // One may pass while another one steps; none is told twice.
      assertTrue(hits.get() > 0 && hits.get() <= 3 * count, hits::toString);
      assertEquals(List.of(), signals.seen);
    }
  }

  @Test
  void breakpointsThatComeAndGoHarmNoChildOfAFork() throws Exception {
    try (Talk guest = Talk.with(guest("code", "fork_loop", Effort.rounds(600)))) {
      TraceeHandle tracee = guest.tracee();
      long target = guest.value("at");
      guest.say("go");
      CompletableFuture<String> told = Background.call(guest::line);
      while (!told.isDone()) {
        tracee.setBreakpoint(target, this::counting).remove();
      }
      assertEquals("bad=0", told.get());
      assertEquals("", guest.end());
      assertEquals(0, guest.exitValue());
    }
  }

  @Test
  void aProcessThatIsKilledAtABreakpointIsJustDead() throws Exception {
    for (int i = 0; i < Effort.rounds(60); i++) {
      try (Talk guest = Talk.with(guest("code", "forever"))) {
        guest.tracee().setBreakpoint(guest.value("at"), this::counting);
        guest.say("go");
        LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(1000 * Effort.micros(1500)));
        guest.tracee().kill();
        assertEquals(137, guest.exitValue());
        assertThrows(
            TraceeDiedException.class, () -> guest.tracee().setBreakpoint(4096, this::counting));
      }
    }
  }

  @Test
  void aBreakpointWhereThereIsNoCodeOrOneAlreadyIsRefused() throws Exception {
    try (Talk guest = Talk.with(guest("code", "count", 2))) {
      TraceeHandle tracee = guest.tracee();
      long target = guest.value("at");
      for (long address : new long[] {0, 4096, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
        BadAddressException refusal =
            assertThrows(
                BadAddressException.class, () -> tracee.setBreakpoint(address, this::counting));
        assertEquals(address, refusal.address());
      }
      tracee.setBreakpoint(target, this::counting);
      IllegalTraceeStateException second =
          assertThrows(
              IllegalTraceeStateException.class,
              () -> tracee.setBreakpoint(target, this::counting));
      assertTrue(
          second.getMessage().contains(Long.toHexString(target))
              && second.getMessage().contains("" + tracee.pid()),
          second::getMessage);
      assertThrows(NullPointerException.class, () -> tracee.setBreakpoint(target + 1, null));
      guest.say("go");
      assertEquals("sum=3\n", guest.rest());
      assertEquals(2, hits.get());
      assertEquals(0, guest.exitValue());
      assertThrows(TraceeDiedException.class, () -> tracee.setBreakpoint(target, this::counting));
    }
  }

  @Test
  void oneInAProcessThatIsKilledMeanwhileIsSetOrTellsThatItDied() {
    AtomicInteger died = new AtomicInteger();
    SyscallListener killing =
        onEnter(
            "getppid",
            call -> {
              TraceeHandle process = call.task().tracee();
              process.kill();
              try {
                for (int i = 0; i < 1_000; i++) {
                  process.setBreakpoint(call.arg(0) + i, stop -> {}).remove();
                }
              } catch (TraceeDiedException e) {
                died.incrementAndGet();
              }
            });
    Outcome outcome = Outcome.traced(guest("code", "asking", 200), killing);
    assertEquals("killed=200\n", outcome.stdout());
    assertEquals(200, died.get());
  }

  @Test
  void aCallbackThatFailsDoesNotHoldTheProgramUp() throws Exception {
    try (Talk guest = Talk.with(guest("code", "count", 3))) {
      AtomicReference<CodeStop> kept = new AtomicReference<>();
      guest
          .tracee()
          .setBreakpoint(
              guest.value("at"),
              stop -> {
                kept.set(stop);
                throw new IllegalStateException("broken");
              });
      guest.say("go");
      assertEquals("sum=6\n", guest.rest());
      assertThrows(ListenerFailedException.class, guest.tracee()::waitFor);
      assertThrows(IllegalTraceeStateException.class, kept.get()::task);
      assertThrows(IllegalTraceeStateException.class, kept.get()::registers);
      assertThrows(IllegalTraceeStateException.class, () -> kept.get().step(stop -> {}));
    }
  }
}
