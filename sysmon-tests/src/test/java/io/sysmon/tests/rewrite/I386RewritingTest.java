package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest32;
import static io.sysmon.tests.rewrite.Calls.listener;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static io.sysmon.tests.rewrite.Calls.onExit;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.Interest;
import io.sysmon.Registers;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeMemory;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import io.sysmon.tests.support.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is different in the calls of 32-bit programs and those by int 0x80. */
class I386RewritingTest {
  private static final String MISSING = "/no/such/program";

  @BeforeEach
  void where32BitProgramsRun() {
    Guest32.assumeKernel();
  }

  @ParameterizedTest
  @EnumSource(names = {"INT80_OF_32_BIT", "VDSO_OF_32_BIT"})
  void a32BitProgramsRegistersHaveTheNamesOfThe64BitOnes(Way way) {
    AtomicInteger calls = new AtomicInteger();
    SyscallListener raw =
        onEnter(
            "getppid",
            call -> {
              if (call.arg(0) != 0x1001) {
                return;
              }
              calls.incrementAndGet();
              Registers registers = call.registers();
              // The guest numbers ebx, edx, esi, edi, ebp, ecx.
              List<String> names = List.of("rbx", "rdx", "rsi", "rdi", "rbp", "rcx");
              for (int i = 0; i < names.size(); i++) {
                assertEquals(0x1001 + i, registers.get(names.get(i)), names.get(i));
              }
              assertEquals(64, registers.get("orig_rax"));
              assertEquals(call.instructionPointer(), registers.get("rip"));
              assertEquals(call.stackPointer(), registers.get("rsp"));
              assertEquals(0x23, registers.get("cs"));
              assertEquals(0x1006, call.arg(1));
              // At the vdso's entry it was on the stack.
              assertEquals(0x1005, call.arg(5));
              registers.set("rbx", -1);
              registers.set("rsi", 0x1234_5678_9abcL);
              // user_regs_struct: after r15, r14, r13, r12 and rbp.
              assertEquals(0xffff_ffff_ffff_ffffL, registers.peekUser(40));
              registers.pokeUser(14 * 8, 0x55);
              assertEquals(0x55, registers.get("rdi"));
              assertThrows(IllegalArgumentException.class, () -> registers.get("ebx"));
            });
    List<String> lines = Outcome.traced(way.guest("raw"), raw).stdout().lines().toList();
    assertEquals(
        List.of(
            "raw: ebx was 1001 and is ffffffff",
            "raw: esi was 1003 and is 56789abc",
            "raw: edi was 1004 and is 55"),
        lines.subList(0, 3));
    assertEquals(4, lines.size(), lines::toString);
    assertEquals(1, calls.get());
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"SYSCALL", "X32"})
  void anErrorWithoutTheSignOf64BitsIsOneToListenersAndToTheProgram(Way way) {
    List<Object> seen = new ArrayList<>();
    SyscallListener setter = onExit("getppid", call -> call.setResult(0xffff_ffffL - 12));
    SyscallListener reader =
        onExit("getppid", call -> seen.addAll(List.of(call.result(), call.failed(), call.errno())));
    Outcome outcome = Outcome.traced(way.guest("loop", 1, 1), setter, reader);
    assertEquals("0: -13\n0 differences\n", outcome.stdout());
    assertEquals(List.of(-13L, true, Errno.EACCES), seen);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"SYSCALL", "X32"})
  void aSkippedCallWithTheResultOfAnInterruptedOneIsNotMadeAgain(Way way) {
    // -ERESTARTSYS in 32 bits, which is what the kernel looks at.
    SyscallListener skipper = onEnter("getppid", call -> call.skip(0xffff_fe00L));
    List<Boolean> failed = new ArrayList<>();
    SyscallListener reader = onExit("getppid", call -> failed.add(call.failed()));
    Outcome outcome = Outcome.traced(way.guest("loop", 1, 1), skipper, reader);
    assertEquals("0: -512\n0 differences\n", outcome.stdout());
    assertEquals(List.of(true), failed);
  }

  @Test
  void eachListenerSeesTheBitsThatTheKernelWillSee() {
    List<Long> seen = new ArrayList<>();
    SyscallListener first =
        onEnter(
            "getppid",
            call -> {
              call.setArg(0, -1);
              call.setArg(1, 0xffff_ffffL);
              call.setArg(2, Integer.MIN_VALUE);
            });
    SyscallListener second =
        onEnter(
            "getppid",
            call -> {
              for (int i = 0; i < 3; i++) {
                seen.add(call.arg(i));
              }
              assertEquals(0, call.programArg(0) >>> 32);
            });
    // Its registers have anything in their upper halves.
    Outcome outcome = Outcome.traced(Way.INT80.guest("loop", 1, 1), first, second);
    assertEquals("0: parent\n0 differences\n", outcome.stdout());
    assertEquals(List.of(0xffff_ffffL, 0xffff_ffffL, 0x8000_0000L), seen);
  }

  @Test
  void a64BitProgramsInt80GetsItsTextsBelow4GiBAndItsOwnCallsAnywhere() {
    List<Long> own = new ArrayList<>();
    List<Long> foreign = new ArrayList<>();
    SyscallListener upper =
        onEnter(
            "write",
            call -> {
              if ((int) call.arg(0) != 1) {
                return;
              }
              byte[] text = call.bytes(1, (int) call.arg(2));
              String changed = new String(text, UTF_8).toUpperCase(Locale.ROOT);
              call.relocateBuffer(1, 2, changed.getBytes(UTF_8), false);
              (call.abi().wordSize() == 4 ? foreign : own).add(call.arg(1));
            });
    ProcessBuilder int80 = new ProcessBuilder(Guest.compile("int80").toString());
    Outcome bare = Outcome.bare(int80);
    assertEquals(bare.stdout().toUpperCase(Locale.ROOT), Outcome.traced(int80, upper).stdout());
    assertEquals(20, foreign.size());
    assertTrue(foreign.stream().allMatch(address -> address >>> 32 == 0), foreign::toString);
    // The first is before an area below 4 GiB is there.
    assertTrue(own.get(0) >>> 32 != 0, own::toString);
  }

  private static Path executing(boolean wide) {
    return wide
        ? Guest.compile("rewrite_exec", "-nostdlib", "-static")
        : Guest.compile("rewrite_exec", "-m32", "-nostdlib", "-static");
  }

  /** The new program's registers are the kernel's: nothing is put back into them. */
  @ParameterizedTest
  @CsvSource({"true, false", "false, true", "false, false", "true, true"})
  void theProgramOfARewrittenExecveBeginsAsItShould(boolean from, boolean to) {
    List<String> seen = new ArrayList<>();
    SyscallListener redirecting =
        listener(
            Interest.of("execve"),
            call -> {
              if (call.string(0).equals(MISSING)) {
                seen.add(call.abi().name());
                redirect(call, executing(to));
              }
            },
            call -> seen.add(call.name() + " " + call.result()));
    ProcessBuilder command = new ProcessBuilder(executing(from).toString(), MISSING);
    assertEquals(99, Outcome.bare(command).exitValue());
    Outcome outcome = Outcome.traced(command, redirecting);
    assertEquals(new Outcome("", "", 0), outcome);
    assertEquals(List.of("execve 0", from ? "x86_64" : "i386", "execve 0"), seen);
  }

  private static void redirect(SyscallEnter call, Path program) {
    assertEquals(call.pid(), call.syscall("getpid"));
    call.relocateString(0, program.toString());
    for (int unused = 3; unused < 6; unused++) {
      call.setArg(unused, 0x7777_0000L + unused);
    }
  }

  @Test
  void anExecveThatBecomesAnotherCallDoesNotHappen() {
    SyscallListener harmless =
        onEnter(
            "execve",
            call -> {
              if (call.findString(0).equals(Optional.of(MISSING))) {
                call.setNumber("getpid");
              }
            });
    for (boolean wide : new boolean[] {true, false}) {
      ProcessBuilder command = new ProcessBuilder(executing(wide).toString(), MISSING);
      assertEquals(99, Outcome.traced(command, harmless).exitValue());
    }
  }

  @Test
  void pointersInA32BitProgramsMemoryHave32BitsWhoeverAsks() throws Exception {
    List<List<String>> seen = new ArrayList<>();
    try (Talk guest = Talk.with(guest32("memory"))) {
      for (int i = 0; i < 3; i++) {
        guest.value("area");
      }
      guest.value("literal");
      long names = guest.value("names");
      long vector = guest.value("vector");
      guest.value("first");
      long answer = guest.value("answer");
      TraceeMemory memory = guest.tracee().memory();
      assertEquals(List.of("one", "", "zwei ä"), memory.readStrings(names));
      List<TraceeMemory.Iovec> ranges = memory.readIovec(vector, 3);
      assertEquals(List.of(10L, 7L, 0L), ranges.stream().map(TraceeMemory.Iovec::length).toList());
      guest.tracee().setBreakpoint(answer, stop -> seen.add(stop.memory().readStrings(names)));
      guest.say("answer");
      guest.end();
      assertEquals(0, guest.exitValue());
    }
    assertFalse(seen.isEmpty());
    assertEquals(List.of("one", "", "zwei ä"), seen.get(0));
  }
}
