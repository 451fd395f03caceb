package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.BadAddressException;
import io.sysmon.Errno;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallRecord;
import io.sysmon.TraceeTask;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the views tell of the calls of {@code views.c}, whose values are known. */
class ViewTest {
  private static final int PLAIN = 1001;
  private static final int EMPTY = 1002;
  private static final int CROSSING = 1003;
  private static final int LONG = 1004;
  private static final int AT_THE_END = 1005;
  private static final int WITHOUT_END = 1006;
  private static final int NULL_POINTER = 1007;
  private static final int MALFORMED = 1008;
  private static final int TOO_LONG = 1009;
  private static final int UNKNOWN_NUMBER = 5000;

  private final Probe probe = new Probe();
  private Map<String, Long> printed;

  /** Looks at the calls in question with every method that the views have. */
  private static final class Probe implements SyscallListener {
    /** By case, the string of a faccessat, or what reading it threw. */
    final Map<Integer, Object> strings = new HashMap<>();

    final Map<Integer, SyscallRecord> looks = new HashMap<>();
    final Map<Integer, SyscallRecord> lookExits = new HashMap<>();
    final List<List<Object>> facts = new ArrayList<>();
    final List<SyscallRecord> enters = new ArrayList<>();
    final List<SyscallRecord> exits = new ArrayList<>();
    final Map<Long, byte[]> written = new HashMap<>();
    final List<Long> durations = new ArrayList<>();
    TraceeTask task;
    TraceeTask taskAtExit;

    @Override
    public void onEnter(SyscallEnter call) {
      if (call.name().equals("faccessat")) {
        int which = (int) call.arg(0);
        looks.put(which, call.snapshot());
        try {
          strings.put(which, call.string(1));
        } catch (BadAddressException e) {
          strings.put(which, e);
        }
      } else if (call.name().equals("write")) {
        written.put(call.arg(0), call.bytes(1, (int) call.arg(2)));
      }
      if (task == null) {
        task = call.task();
      }
      enters.add(call.snapshot());
      facts.add(
          List.of(
              call.number(),
              call.tid(),
              call.pid(),
              call.abi(),
              call.signature().name(),
              call.arg(5)));
      assertTrue(call.instructionPointer() != 0 && call.stackPointer() != 0);
      assertTrue(System.nanoTime() - call.nanoTime() >= 0);
    }

    @Override
    public void onExit(SyscallExit call) {
      if (call.name().equals("faccessat")) {
        lookExits.put((int) call.arg(0), call.snapshot());
      }
      taskAtExit = call.task();
      exits.add(call.snapshot());
      durations.add(call.durationNanos());
      assertEquals(call.failed(), call.errno() != null);
      assertTrue(call.duration().toNanos() >= 0);
    }

    SyscallRecord enter(String name) {
      return only(enters, name);
    }

    SyscallRecord exit(String name) {
      return only(exits, name);
    }

    private static SyscallRecord only(List<SyscallRecord> calls, String name) {
      List<SyscallRecord> named = calls.stream().filter(c -> c.name().equals(name)).toList();
      assertEquals(1, named.size(), () -> name + " among " + calls);
      return named.get(0);
    }
  }

  @BeforeEach
  void traceGuest() {
    Outcome outcome =
        Outcome.traced(new ProcessBuilder(Guest.compile("views").toString(), "argument"), probe);
    assertEquals(0, outcome.exitValue(), outcome::stderr);
    printed = new HashMap<>();
    outcome
        .stdout()
        .lines()
        .map(line -> line.split("=", 2))
        .forEach(pair -> printed.put(pair[0], pair[1].equals("0") ? 0L : Long.decode(pair[1])));
  }

  @Test
  void stringsAreWhatTheProgramHasThere() {
    assertEquals("/nowhere/a file", probe.strings.get(PLAIN));
    assertEquals("", probe.strings.get(EMPTY));
    assertEquals("/nowhere/across", probe.strings.get(CROSSING));
    assertEquals("x".repeat(65_536), probe.strings.get(LONG));
    assertEquals("/nowhere/last", probe.strings.get(AT_THE_END));
    assertEquals("\u00e4\ufffd\u20ac", probe.strings.get(MALFORMED));
  }

  @Test
  void stringsThatCannotBeReadAreBadAddressesWithWhatCouldBe() {
    assertBadAddress(WITHOUT_END, 7);
    assertBadAddress(NULL_POINTER, 0);
    assertBadAddress(TOO_LONG, 131_072);
  }

  private void assertBadAddress(int which, int transferred) {
    BadAddressException thrown =
        assertInstanceOf(BadAddressException.class, probe.strings.get(which));
    assertEquals(printed.get("case" + which), thrown.address());
    assertEquals(transferred, thrown.transferred());
  }

  @Test
  void argumentsAreTheProgramsPointers() {
    for (int which = PLAIN; which <= TOO_LONG; which++) {
      assertEquals(printed.get("case" + which), probe.looks.get(which).arg(1));
      assertEquals(0, probe.looks.get(which).arg(2));
    }
  }

  @Test
  void snapshotsKeepTheStringsThatCouldBeRead() {
    assertEquals(Optional.of("/nowhere/a file"), probe.looks.get(PLAIN).string(1));
    assertEquals(Optional.of("/nowhere/a file"), probe.lookExits.get(PLAIN).string(1));
    assertEquals(Optional.of("x".repeat(65_536)), probe.looks.get(LONG).string(1));
    assertEquals(Optional.empty(), probe.looks.get(NULL_POINTER).string(1));
    assertEquals(Optional.empty(), probe.looks.get(WITHOUT_END).string(1));
    assertEquals(Optional.empty(), probe.looks.get(PLAIN).string(0));
    assertNull(probe.looks.get(PLAIN).exit());
    String text = probe.lookExits.get(PLAIN).toString();
    assertTrue(text.contains("faccessat(0x3e9, \"/nowhere/a file\", 0x0"), text);
    assertTrue(text.endsWith(" = -1 ENOENT"), text);
  }

  @Test
  void resultsAndErrorsAreTheKernels() {
    assertExit(probe.lookExits.get(PLAIN), -2, Errno.ENOENT);
    assertExit(probe.lookExits.get(EMPTY), -2, Errno.ENOENT);
    assertExit(probe.lookExits.get(LONG), -36, Errno.ENAMETOOLONG);
    assertExit(probe.lookExits.get(NULL_POINTER), -14, Errno.EFAULT);
    assertExit(probe.exit("getppid"), ProcessHandle.current().pid(), null);
    SyscallRecord close =
        probe.exits.stream()
            .filter(call -> call.name().equals("close") && call.arg(0) == 999)
            .findFirst()
            .orElseThrow();
    assertExit(close, -9, Errno.EBADF);
    assertExit(
        probe.exits.stream().filter(call -> call.name().equals("execve")).findFirst().orElseThrow(),
        0,
        null);
  }

  private static void assertExit(SyscallRecord call, long result, Errno errno) {
    assertEquals(result, call.exit().result(), call::toString);
    assertSame(errno, call.exit().errno(), call::toString);
  }

  @Test
  void aNumberThatNoCallHasIsToldWithAllItsArguments() {
    SyscallRecord enter = probe.enter("syscall_0x1388");
    assertEquals(UNKNOWN_NUMBER, enter.number());
    assertEquals(
        List.of(0x1111111111111111L, -2L, 3L, 0x8000000000000000L, 5L, 0x123456789abcdef0L),
        enter.args());
    SyscallRecord exit = probe.exit("syscall_0x1388");
    assertExit(exit, -38, Errno.ENOSYS);
    assertEquals(enter.args(), exit.args());
  }

  @Test
  void bytesAreWhatTheProgramWrites() {
    assertArrayEquals(new byte[] {0, 1, 2, 127, -128, -1}, probe.written.get(printed.get("null")));
  }

  @Test
  void durationCoversTheTimeInTheKernel() {
    SyscallRecord sleep = probe.exit("clock_nanosleep");
    Duration duration = sleep.exit().duration();
    assertTrue(duration.compareTo(Duration.ofMillis(30)) >= 0, duration::toString);
    assertTrue(duration.compareTo(Duration.ofSeconds(10)) < 0, duration::toString);
    long between = sleep.nanoTime() - probe.enter("clock_nanosleep").nanoTime();
    assertTrue(duration.toNanos() <= between, () -> duration + " of " + between);
    assertFalse(probe.durations.contains(0L));
  }

  @Test
  void taskAndProcessAreTheProgramsOwn() {
    int pid = printed.get("pid").intValue();
    assertSame(probe.task, probe.taskAtExit);
    assertEquals(pid, probe.task.pid());
    for (List<Object> facts : probe.facts) {
      assertEquals(pid, facts.get(1));
      assertEquals(pid, facts.get(2));
    }
  }

  @Test
  void numberNameAbiAndSnapshotAgree() {
    for (int i = 0; i < probe.enters.size(); i++) {
      SyscallRecord call = probe.enters.get(i);
      assertEquals(
          List.of(call.number(), call.tid(), call.pid(), call.abi(), call.name(), call.arg(5)),
          probe.facts.get(i));
      assertEquals(8, call.abi().wordSize());
    }
  }

  @Test
  void everyCallThatReturnsHasOneEntryAndOneExit() {
    List<String> entered = probe.enters.stream().map(SyscallRecord::name).toList();
    List<String> left = probe.exits.stream().map(SyscallRecord::name).toList();
    assertEquals("exit_group", entered.get(entered.size() - 1));
    assertEquals(entered.subList(0, entered.size() - 1), left);
  }

  @Test
  void interestSelectsNamesAndStops() {
    List<String> seen = new ArrayList<>();
    SyscallListener narrow =
        new SyscallListener() {
          @Override
          public Interest interest() {
            return Interest.enter("getppid", "faccessat")
                .and(Interest.exit("getppid"))
                .and(Interest.exit("clock_nanosleep"));
          }

          @Override
          public void onEnter(SyscallEnter call) {
            seen.add("enter " + call.name());
          }

          @Override
          public void onExit(SyscallExit call) {
            seen.add("exit " + call.name());
            assertEquals(call.number(), call.snapshot().number());
            assertTrue(call.durationNanos() > 0);
          }
        };
    Outcome.traced(new ProcessBuilder(Guest.compile("views").toString()), narrow);
    List<String> expected = new ArrayList<>();
    for (int which = PLAIN; which <= TOO_LONG; which++) {
      expected.add("enter faccessat");
    }
    expected.addAll(List.of("enter getppid", "exit getppid", "exit clock_nanosleep"));
    assertEquals(expected, seen);
  }
}
