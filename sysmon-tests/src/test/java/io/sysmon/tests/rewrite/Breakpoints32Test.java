package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest32;
import static io.sysmon.tests.rewrite.Calls.listener;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Breakpoint;
import io.sysmon.CodeStop;
import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Breakpoints and single steps in a 32-bit program. */
class Breakpoints32Test {
  private final AtomicInteger hits = new AtomicInteger();

  private void counting(CodeStop stop) {
    hits.incrementAndGet();
  }

  @Test
  void eachHitIsToldOnceWithTheRegistersAndTheStackOfTheProgram() throws Exception {
    try (Talk guest = Talk.with(guest32("code", "twice", 500))) {
      long target = guest.value("at");
      byte[] code = guest.tracee().memory().read(target, 16);
      List<Integer> arguments = new ArrayList<>();
      Breakpoint breakpoint =
          guest
              .tracee()
              .setBreakpoint(
                  target,
                  stop -> {
                    hits.incrementAndGet();
                    assertEquals(target, stop.registers().get("rip"));
                    // Above the return address.
                    arguments.add(stop.memory().readInt(stop.registers().get("rsp") + 4));
                  });
      guest.say("go");
      assertEquals(target, guest.value("at"));
      assertEquals(500, hits.get());
      assertEquals(1, arguments.get(0));
      assertEquals(500, arguments.get(499));
      breakpoint.remove();
      assertArrayEquals(code, guest.tracee().memory().read(target, 16));
      guest.say("go");
      assertEquals("sum=250500\n", guest.rest());
      assertEquals(500, hits.get());
      assertEquals(0, guest.exitValue());
    }
  }

  @Test
  void signalsThatArriveOnTheWayNeitherLoseNorDoubleAHit() throws Exception {
    try (Talk guest = Talk.with(guest32("code", "timer", 2000))) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("sum=2001000 many signals\n", guest.rest());
      assertEquals(2000, hits.get());
    }
  }

  @Test
  void aForkedChildDoesNotHaveItAndItsParentKeepsIt() throws Exception {
    try (Talk guest = Talk.with(guest32("code", "forks"))) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("sum=60\n", guest.rest());
      assertEquals(40, hits.get());
    }
  }

  @Test
  void severalThreadsRunThroughItAndNoneIsHarmed() throws Exception {
    try (Talk guest = Talk.with(guest32("code", "threads", 500))) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("done\n", guest.rest());
      assertEquals(0, guest.exitValue());
      // One may pass while another one steps.
      assertTrue(hits.get() > 0 && hits.get() <= 1500, hits::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBreakpointAtAnInt0x80IsHitEachTime(boolean tracesCalls) throws Exception {
    AtomicInteger exits = new AtomicInteger();
    SyscallListener calls =
        listener(
            tracesCalls ? Interest.exit("getppid") : Interest.none(),
            call -> {},
            call -> exits.incrementAndGet());
    try (Talk guest = Talk.with(guest32("code", "at_syscall", 100), calls)) {
      guest.tracee().setBreakpoint(guest.value("at"), this::counting);
      guest.say("go");
      assertEquals("bad=0\n", guest.rest());
      assertEquals(100, hits.get());
      assertEquals(tracesCalls ? 100 : 0, exits.get());
    }
  }

  /** Steps on until it is told where. */
  private static final class Steps implements Consumer<CodeStop> {
    final List<Long> addresses = new ArrayList<>();
    private final long last;

    Steps(long last) {
      this.last = last;
    }

    @Override
    public void accept(CodeStop stop) {
      addresses.add(stop.address());
      assertEquals(stop.address(), stop.registers().get("rip"));
      if (stop.address() != last && addresses.size() < 100) {
        stop.step(this);
      }
    }

    /** Those before an address, relative to the first. */
    List<Long> offsetsBelow(long end) {
      long start = addresses.get(0);
      return addresses.stream()
          .map(address -> address - start)
          .filter(o -> o >= 0 && o < end)
          .toList();
    }
  }

  @Test
  void stepsGoThroughAFunctionInstructionByInstruction() throws Exception {
    try (Talk guest = Talk.with(guest32("code", "steps"))) {
      long start = guest.value("at");
      Steps steps = new Steps(start + 10);
      guest.tracee().setBreakpoint(start, steps);
      guest.say("go");
      assertEquals("result=4\n", guest.rest());
      // mov $imm32, add $imm8, inc, nop, ret: an increment is one byte here.
      assertEquals(List.of(0L, 5L, 8L, 9L, 10L), steps.offsetsBelow(99));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "false, steps_call, 0 5 7 8 9",
    "true, steps_call, 0 5 7 8 9",
    "true, steps_vdso, 0 5 11 12",
    "false, steps_vdso, 0 5 11 12"
  })
  void aStepOverASystemCallHasItsOrdinaryStops(boolean tracesCalls, String mode, String offsets)
      throws Exception {
    List<String> stops = new ArrayList<>();
    SyscallListener calls =
        listener(
            tracesCalls ? Interest.of("getppid") : Interest.none(),
            call -> {
              stops.add("enter");
              call.setArg(5, 4711);
            },
            call -> stops.add("exit"));
    try (Talk guest = Talk.with(guest32("code", mode), calls)) {
      long start = guest.value("at");
      List<Long> expected = List.of(offsets.split(" ", -1)).stream().map(Long::valueOf).toList();
      Steps steps = new Steps(start + expected.get(expected.size() - 1));
      guest.tracee().setBreakpoint(start, steps);
      guest.say("go");
      assertEquals("parent\n", guest.rest());
      assertEquals(0, guest.exitValue());
      assertEquals(expected, steps.offsetsBelow(99));
      // The vdso saves ecx, edx and ebp, makes the call and restores them.
      int inVdso = steps.addresses.size() - expected.size();
      assertEquals(mode.equals("steps_vdso"), inVdso > 6, steps.addresses::toString);
      // The guest calls getppid once more, to compare.
      assertEquals(tracesCalls ? List.of("enter", "exit", "enter", "exit") : List.of(), stops);
    }
  }
}
