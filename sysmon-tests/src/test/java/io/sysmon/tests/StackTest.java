package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeListener;
import io.sysmon.stack.StackFrame;
import io.sysmon.stack.Unwinder;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import io.sysmon.tests.support.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stacks of stopped tasks, in programs of all kinds. */
class StackTest {
  /** Takes the stacks of a call. */
  private static final class Stacks implements SyscallListener, TraceeListener {
    private final Unwinder unwinder = new Unwinder();
    private final Interest interest;
    private final List<List<StackFrame>> stacks = new ArrayList<>();

    Stacks(Interest interest) {
      this.interest = interest;
    }

    @Override
    public Interest interest() {
      return interest;
    }

    @Override
    public void onEnter(SyscallEnter call) {
      stacks.add(unwinder.frames(call));
    }

    @Override
    public void onSignal(SignalStop stop) {
      stacks.add(unwinder.frames(stop));
    }
  }

  private static List<List<StackFrame>> stacks(Path guest, String... arguments) {
    List<String> words = new ArrayList<>(List.of(guest.toString()));
    Collections.addAll(words, arguments);
    Stacks stacks = new Stacks(Interest.enter("getpgid"));
    Outcome outcome = Outcome.traced(new ProcessBuilder(words), stacks.unwinder, stacks);
    assertEquals(new Outcome("", "", 0), outcome);
    return stacks.stacks;
  }

  private static Path guest(String... flags) {
    List<String> all = new ArrayList<>(List.of("-pthread"));
    Collections.addAll(all, flags);
    return Guest.compile("stacks", all.toArray(String[]::new));
  }

  /** The guest's functions, the innermost first. */
  private static List<String> functions(Path guest, List<StackFrame> stack) {
    return stack.stream()
        .filter(frame -> guest.toString().equals(frame.module()))
        .map(frame -> Objects.requireNonNullElse(frame.symbol(), "?"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-no-pie",
        "-O2 -fomit-frame-pointer",
        "-Wl,--no-eh-frame-hdr",
        "-fno-asynchronous-unwind-tables -fno-omit-frame-pointer"
      })
  void theFunctionsThatHaveCalledAreNamed(String flags) {
    Path guest = guest(flags.isEmpty() ? new String[0] : flags.split(" "));
    List<StackFrame> stack = stacks(guest).get(0);
    assertTrue(stack.get(0).toString().matches(".*/libc\\S*\\(\\w*getpgid\\+0x\\w+\\) \\[0x\\w+]"));
    List<String> functions = functions(guest, stack);
    assertEquals(List.of("inner", "middle", "outer", "main", "_start"), functions);
  }

  @Test
  void staticProgramsHaveStacks() {
    Path guest = guest("-static");
    List<String> functions = functions(guest, stacks(guest).get(0));
    assertEquals(List.of("inner", "middle", "outer", "main"), functions.subList(1, 5));
    assertEquals("_start", functions.get(functions.size() - 1));
  }

  @Test
  void offsetsAreThoseInTheFileAndInTheFunction() {
    Path guest = guest();
    StackFrame frame =
        stacks(guest).get(0).stream()
            .filter(each -> "middle".equals(each.symbol()))
            .findFirst()
            .orElseThrow();
    // A call that is one of the first instructions.
    assertTrue(frame.symbolOffset() > 0 && frame.symbolOffset() < 32, frame::toString);
    assertEquals(frame.address() & 0xfff, frame.offset() & 0xfff);
  }

  @Test
  void strippedProgramsHaveTheSameFramesWithoutNames() {
    List<StackFrame> whole = stacks(guest()).get(0);
    List<StackFrame> stripped = stacks(guest("-s")).get(0);
    assertEquals(
        whole.stream().map(StackFrame::offset).toList(),
        stripped.stream().map(StackFrame::offset).toList());
    assertNull(stripped.get(1).symbol());
    assertEquals(whole.get(0).symbol(), stripped.get(0).symbol());
  }

  @Test
  void aHandlerOnItsOwnStackHasTheInterruptedFunctionsAsCallers() {
    Path guest = guest();
    List<List<StackFrame>> stacks = stacks(guest, "signal");
    assertEquals(List.of("interrupted", "main", "_start"), functions(guest, stacks.get(0)));
    assertEquals(
        List.of("inner", "middle", "outer", "handler", "interrupted", "main", "_start"),
        functions(guest, stacks.get(1)));
  }

  @Test
  void aThreadsStackEndsWithTheThread() {
    Path guest = guest();
    List<StackFrame> stack = stacks(guest, "thread").get(0);
    assertEquals(List.of("inner", "middle", "outer", "threaded"), functions(guest, stack));
  }

  @Test
  void generatedCodeHasNoModuleAndIsPassedByItsFramePointer() {
    Path guest = guest();
    List<StackFrame> stack = stacks(guest, "generated").get(0);
    assertEquals(1, stack.stream().filter(frame -> frame.module() == null).count());
    assertEquals(
        List.of("inner", "middle", "outer", "generated", "main", "_start"),
        functions(guest, stack));
  }

  @Test
  void codeThatIsMappedAnewIsLookedUpAnew() {
    List<List<StackFrame>> stacks = stacks(guest(), "generated");
    StackFrame first = stacks.get(0).get(4);
    StackFrame second = stacks.get(1).get(4);
    assertEquals(first.address(), second.address());
    assertNull(first.module());
    assertEquals("/memfd:stub (deleted)", second.module());
    assertEquals(second.address() & 0xfff, second.offset());
  }

  @Test
  void anotherProgramsFunctionsAreNamedAfterExecve() {
    Path first = guest();
    Path second = guest("-no-pie");
    List<List<StackFrame>> stacks = stacks(first, "exec", second.toString());
    assertNotEquals(List.of(), functions(first, stacks.get(0)));
    assertEquals(
        List.of("inner", "middle", "outer", "main", "_start"), functions(second, stacks.get(1)));
  }

  @Test
  void aStackWithoutEndIsCut() {
    List<StackFrame> stack = stacks(guest(), "deep").get(0);
    assertEquals(Unwinder.MOST_FRAMES, stack.size());
    assertEquals("deep", stack.get(Unwinder.MOST_FRAMES - 1).symbol());
  }

  @Test
  void callsOf32BitAbisHaveNone() {
    Guest32.assumeKernel();
    Stacks stacks = new Stacks(Interest.enter("brk", "write", "exit", "exit_group"));
    Path guest = Guest.compile("abi32", "-m32", "-static", "-nostdlib");
    Outcome.traced(new ProcessBuilder(guest.toString()), stacks);
    assertTrue(stacks.stacks.contains(List.of()));
    // The 64-bit program that it executes does have some.
    assertTrue(stacks.stacks.stream().anyMatch(stack -> stack.size() > 2));
  }
}
