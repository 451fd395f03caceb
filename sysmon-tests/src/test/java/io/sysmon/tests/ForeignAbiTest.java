package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.SyscallRecord;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of another ABI than the processor's own. */
class ForeignAbiTest {
  @BeforeEach
  void where32BitProgramsRun() {
    Guest32.assumeKernel();
  }

  private static ProcessBuilder program32() {
    return new ProcessBuilder(Guest.compile("abi32", "-m32", "-static", "-nostdlib").toString());
  }

  @Test
  void a64BitProgramMixesInt80WithItsOwnCalls() {
    Outcome outcome = Alike.run(Alike.guest("int80"));
    assertTrue(
        outcome.stdout().endsWith("by int 0x80\n12\n-9\nchild exited 49\n"), outcome.stdout());
  }

  @Test
  void int80CallsAreToldWithTheNamesAndArgumentsOfTheirAbi() {
    Recorder recorder = new Recorder();
    Outcome.traced(Alike.guest("int80"), recorder);
    List<SyscallRecord> foreign =
        recorder.all(Recorder.Exit.class).stream()
            .map(Recorder.Exit::call)
            .filter(call -> call.abi().name().equals("i386"))
            .toList();
    assertEquals(
        List.of("getpid", "getppid", "write", "write", "fork"),
        foreign.stream().limit(5).map(SyscallRecord::name).toList());
    SyscallRecord failed = foreign.get(3);
    assertEquals(0xffffffffL, failed.arg(0));
    assertEquals(12, failed.arg(2));
    assertEquals(-9, failed.exit().result());
    assertEquals(20, recorder.enters("exit").size());
  }

  @Test
  void x32CallsAreToldAsSuchWhetherTheKernelHasThemOrNot() {
    Recorder recorder = new Recorder();
    ProcessBuilder x32 =
        new ProcessBuilder(
            Guest.compile("rewrite_registers", "-pthread").toString(), "x32", "loop", "1", "1");
    assertEquals(Outcome.bare(x32), Outcome.traced(x32, recorder));
    SyscallRecord call = recorder.exits("getppid").get(0);
    assertEquals("x32", call.abi().name());
    assertEquals(110 | 0x4000_0000, call.number());
    long result = call.exit().result();
    assertTrue(result > 0 || result == -Errno.ENOSYS.number(), call::toString);
  }

  @Test
  void a32BitProgramForksAndExecutesA64BitOne() {
    Outcome outcome = Alike.run(program32());
    assertEquals(new Outcome("a 64-bit shell\nright\nright\n", "", 10), outcome);
  }

  @Test
  void theAbiOfEachCallIsToldAcrossTheExecve() {
    Recorder recorder = new Recorder();
    Outcome.traced(program32(), recorder);
    List<SyscallRecord> execves = recorder.enters("execve");
    assertEquals(List.of("x86_64", "i386"), names(execves));
    assertEquals("/bin/sh", execves.get(1).string(0).orElseThrow());
    assertEquals(List.of("x86_64", "i386"), names(recorder.exits("execve")));
  }

  private static List<String> names(List<SyscallRecord> calls) {
    return calls.stream().map(call -> call.abi().name()).toList();
  }
}
