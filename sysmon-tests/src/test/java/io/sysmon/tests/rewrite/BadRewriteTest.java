package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.listener;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.Registers;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeMemory;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Changes that cannot be made: a named exception that says which call, and no harm. */
class BadRewriteTest {
  private final AtomicReference<SyscallEnter> enter = new AtomicReference<>();
  private final AtomicReference<SyscallExit> exit = new AtomicReference<>();
  private final AtomicReference<Registers> registers = new AtomicReference<>();
  private final AtomicReference<TraceeMemory> memory = new AtomicReference<>();

  private List<Executable> verbs() {
    SyscallEnter call = enter.get();
    return List.of(
        () -> call.setArg(0, 1),
        () -> call.programArg(0),
        call::isRestart,
        () -> call.setNumber(1),
        () -> call.skip(1),
        () -> call.fail(Errno.EPERM),
        () -> call.replaceString(0, ""),
        () -> call.relocateString(0, ""),
        () -> call.replaceBuffer(0, 1, new byte[0], true),
        () -> call.relocateBuffer(0, 1, new byte[0], true),
        call::hold,
        () -> call.delay(Duration.ZERO),
        () -> call.syscall("getpid"),
        call::registers,
        call::memory,
        () -> exit.get().setResult(1),
        () -> exit.get().syscall("getpid"),
        exit.get()::registers,
        () -> registers.get().get(Cpu.choose("rax", "x0")),
        () -> registers.get().set(Cpu.choose("rax", "x0"), 1),
        () -> registers.get().peekUser(0),
        () -> registers.get().pokeUser(0, 1),
        () -> memory.get().writeLong(4096, 1),
        () -> memory.get().replaceString(4096, ""),
        () -> memory.get().peekData(4096),
        () -> memory.get().pokeData(4096, 1));
  }

  @Test
  void noVerbWorksAfterItsCallback() {
    SyscallListener keeper =
        listener(
            Interest.of("getppid"),
            call -> {
              enter.set(call);
              registers.set(call.registers());
              memory.set(call.memory());
            },
            exit::set);
    Outcome outcome = Outcome.traced(guest("held", "alone"), keeper);
    assertTrue(outcome.stdout().startsWith("asked: parent"), outcome::stdout);
    List<Executable> verbs = verbs();
    for (int i = 0; i < verbs.size(); i++) {
      int verb = i;
      assertThrows(IllegalTraceeStateException.class, verbs.get(verb), () -> "verb number " + verb);
    }
  }

  @Test
  void noVerbWorksOnAnotherThreadDuringTheCallback() {
    AtomicInteger refused = new AtomicInteger();
    SyscallListener keeper =
        onEnter(
            "getppid",
            call -> {
              Throwable refusal =
                  Background.run(() -> call.skip(4711)).handle((done, e) -> e).join();
              assertInstanceOf(IllegalTraceeStateException.class, refusal);
              refusal = Background.run(call::hold).handle((done, e) -> e).join();
              assertInstanceOf(IllegalTraceeStateException.class, refusal);
              refused.incrementAndGet();
            });
    Outcome outcome = Outcome.traced(guest("held", "alone"), keeper);
    assertTrue(outcome.stdout().startsWith("asked: parent"), outcome::stdout);
    assertEquals(1, refused.get());
  }

  @Test
  void aViewThatIsKeptDoesNotReachTheNextCall() {
    AtomicInteger refused = new AtomicInteger();
    SyscallListener keeper =
        listener(
            Interest.of("getppid"),
            enter::set,
            call -> {
              // The entry's view during the exit's callback.
              assertThrows(IllegalTraceeStateException.class, () -> enter.get().skip(1));
              assertThrows(IllegalTraceeStateException.class, () -> enter.get().setArg(0, 1));
              refused.incrementAndGet();
            });
    Outcome outcome = Outcome.traced(guest("held", "alone"), keeper);
    assertTrue(outcome.stdout().startsWith("asked: parent"), outcome::stdout);
    assertEquals(1, refused.get());
  }

  @Test
  void aValueThatIsTooWideForA32BitCallIsRefused() {
    AtomicInteger refused = new AtomicInteger();
    SyscallListener wide =
        onEnter(
            Interest.enter("getpid", "getppid", "write"),
            call -> {
              if (call.abi().wordSize() != 4) {
                return;
              }
              for (long value : new long[] {1L << 32, -1L << 32, Long.MAX_VALUE, Long.MIN_VALUE}) {
                refuses(call, "argument 1", () -> call.setArg(1, value));
                refuses(call, "the result", () -> call.skip(value));
                IllegalArgumentException refusal =
                    assertThrows(
                        IllegalArgumentException.class, () -> call.syscall("close", value));
                assertTrue(refusal.getMessage().contains("close"), refusal::getMessage);
              }
              refused.incrementAndGet();
            });
    ProcessBuilder int80 = new ProcessBuilder(Guest.compile("int80").toString());
    Outcome outcome = Outcome.traced(int80, wide);
    assertEquals(Outcome.bare(int80), outcome);
    assertEquals(80, refused.get());
  }

  private static void refuses(SyscallEnter call, String what, Executable verb) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, verb);
    assertTrue(
        refusal.getMessage().contains(call.name())
            && refusal.getMessage().contains("" + call.tid())
            && refusal.getMessage().contains(what),
        refusal::getMessage);
  }

  @Test
  void theStringOfA32BitCallIsReplacedInPlace() {
    SyscallListener replacer =
        onEnter(
            "write",
            call -> {
              if (call.abi().wordSize() == 4 && (int) call.arg(0) == 1) {
                assertEquals("by int 0x80\n", call.string(1));
                call.replaceString(1, "BY INT 0X80\n");
                call.replaceString(1, "by int 0x80\n");
              }
            });
    ProcessBuilder int80 = new ProcessBuilder(Guest.compile("int80").toString());
    assertEquals(Outcome.bare(int80), Outcome.traced(int80, replacer));
  }
}
