package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest32;
import static io.sysmon.tests.rewrite.Calls.listener;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static io.sysmon.tests.rewrite.Calls.onExit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.HeldCall;
import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeHandle;
import io.sysmon.UnknownSyscallException;
import io.sysmon.Verdict;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import io.sysmon.tests.support.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** System calls that are made inside a 32-bit program, or at an int 0x80 of a 64-bit one. */
class RemoteCalls32Test extends RemoteCallsContract {
  private static final String TEXT = "within the tracee\n";

  @Override
  ProcessBuilder remote(Object... words) {
    return guest32("remote", words);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"SYSCALL", "X32"})
  void aCallOfTheI386TableIsMadeWithItsArgumentsAndResult(Way way) {
    SyscallListener listener =
        listener(Interest.of("getppid"), RemoteCalls32Test::writes, RemoteCalls32Test::writes);
    Outcome outcome = Outcome.traced(way.guest("loop", 1, 1), listener);
    assertEquals(TEXT + TEXT + "0: parent\n0 differences\n", outcome.stdout());
  }

  private static void writes(SyscallStop call) {
    long page = call.syscall("mmap2", 0, 8192, 3, 0x22, -1, 0);
    assertTrue(page > 0 && page >>> 32 == 0 && page % 4096 == 0, () -> "mmap2: " + page);
    byte[] text = TEXT.getBytes(StandardCharsets.UTF_8);
    call.memory().write(page + 4095, text);
    assertEquals(text.length, call.syscall("write", 1, page + 4095, text.length));
    // _llseek has all of five arguments: high and low half of the offset, result, whence.
    assertEquals(-Errno.EBADF.number(), call.syscall("_llseek", 999, 0, 1, page, 0));
    assertEquals(0, call.syscall("munmap", page, 8192));
    assertEquals(-Errno.EFAULT.number(), call.syscall("write", 1, page, 1));
    assertEquals(-Errno.EBADF.number(), call.syscall("close", -1));
    // x86_64's only, and what does not come back.
    assertThrows(UnknownSyscallException.class, () -> call.syscall("newfstatat"));
    for (String name : List.of("sigreturn", "sigsuspend", "execve", "fork")) {
      assertThrows(IllegalArgumentException.class, () -> call.syscall(name));
    }
  }

  @Test
  void aHeld32BitProgramTakesCallsFromAnyThread() throws Exception {
    BlockingQueue<HeldCall> held = new LinkedBlockingQueue<>();
    SyscallListener holder =
        onEnter("getppid", call -> held.add(call.hold(Duration.ofSeconds(60), Verdict.skip(1))));
    try (Talk guest = Talk.with(guest32("held", "beside"), holder)) {
      HeldCall call = held.poll(20, TimeUnit.SECONDS);
      TraceeHandle tracee = guest.tracee();
      for (int i = 0; i < 50; i++) {
        assertEquals(tracee.pid(), tracee.syscall("getpid"));
        assertEquals(call.task().tid(), tracee.syscall("gettid"));
      }
      assertThrows(IllegalArgumentException.class, () -> tracee.syscall("close", 1L << 32));
      guest.say("hello");
      assertEquals("echo hello", guest.line());
      call.skip(4711);
      assertTrue(guest.line().startsWith("asked: 4711"));
      guest.end();
      assertEquals(0, guest.exitValue());
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 20", "3, 15"})
  void aProcessThatIsStoppedMeanwhileStopsAndContinuesAsItsParentIsTold(int threads, int rounds) {
    Outcome outcome = Outcome.traced(guest32("remote", "stops", threads, rounds), injecting);
    assertEquals("bad=0\nchild killed by 9\n", outcome.stdout());
    assertTrue(made.get() > rounds, made::toString);
  }

  @Test
  void atTheEndOfAnExecveItIsACallOfTheNewProgramsAbi() {
    Path program = Guest32.compile("rewrite_registers", "-static");
    List<String> abis = new ArrayList<>();
    SyscallListener atExec =
        onExit(
            "execve",
            call -> {
              if (!call.failed()) {
                inject(call);
                try {
                  call.syscall("mmap2", 0, 4096, 0, 0x22, -1, 0);
                  abis.add(call.abi() + " to i386");
                } catch (UnknownSyscallException e) {
                  abis.add(call.abi() + " to x86_64");
                }
              }
            });
    String script =
        "%s loop 1 1; %s"
            .formatted(program, Guest.compile("abi32", "-m32", "-static", "-nostdlib"));
    Outcome outcome = Outcome.traced(new ProcessBuilder("sh", "-c", script), atExec);
    assertEquals("0: parent\n0 differences\na 64-bit shell\nright\nright\n", outcome.stdout());
    assertEquals(
        List.of("x86_64 to x86_64", "x86_64 to i386", "x86_64 to i386", "i386 to x86_64"), abis);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void theTraceesOwnFilterIsSuspendedForTheVerbsAndThenInForceAgain(int kills) {
    AtomicInteger calls = new AtomicInteger();
    SyscallListener listener =
        onEnter(
            "getppid",
            call -> {
              // The first one is before the filter.
              if (calls.getAndIncrement() == 0) {
                return;
              }
              switch ((int) call.arg(0)) {
                case 0 -> inject(call);
                case 1 -> call.relocateString(1, "new text");
                case 2 -> call.skip(4711);
                default -> call.fail(Errno.EACCES);
              }
            });
    Outcome outcome = Outcome.traced(guest32("remote", "filtered", kills), listener);
    assertEquals(
        "parent 0\nparent 0\nresult 4711\nresult -1\nold text\n"
            + (kills == 0 ? "getpid -1\n" : ""),
        outcome.stdout());
    // SIGSYS by the guest's last call, which its filter does not allow.
    assertEquals(kills == 0 ? 0 : 128 + 31, outcome.exitValue());
    assertEquals(1, made.get());
  }
}
