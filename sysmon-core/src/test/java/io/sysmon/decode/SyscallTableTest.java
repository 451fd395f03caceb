package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SyscallTableTest {
  private static final SyscallTable TABLE = SyscallTable.get();

  @Test
  void aCallHasItsOwnNumberOnEachAbi() {
    assertEquals("openat", TABLE.abi("x86_64").byNumber(257).name());
    assertEquals("openat", TABLE.abi("i386").byNumber(295).name());
    assertEquals("openat", TABLE.abi("aarch64").byNumber(56).name());
    assertEquals(257, TABLE.abi("x86_64").number("openat"));
  }

  @Test
  void numbersAndNamesAreInversesOnEveryAbi() {
    for (String abi : List.of("x86_64", "i386", "aarch64")) {
      SyscallNumbers numbers = TABLE.abi(abi);
      for (SyscallSignature call : numbers.all()) {
        assertSame(call, numbers.byNumber(call.number()));
        assertEquals(call.number(), numbers.number(call.name()));
        assertEquals(abi, call.abi());
        assertTrue(call.isKnown());
      }
    }
  }

  @Test
  void aCallThatAnAbiDoesNotHaveIsMinusOne() {
    assertEquals(-1, TABLE.abi("aarch64").number("open"));
    assertTrue(TABLE.abi("aarch64").byName("open").isEmpty());
    assertEquals(-1, TABLE.abi("x86_64").number("no_such_call"));
  }

  @Property
  void anyNumberHasASignature(@ForAll long number) {
    for (String abi : List.of("x86_64", "i386", "x32", "aarch64", "arm")) {
      SyscallSignature call = TABLE.abi(abi).byNumber(number);
      assertTrue(call.arguments().size() <= 6);
      assertTrue(call.isKnown() || call.name().startsWith("syscall_0x"));
    }
  }

  @Test
  void anUnknownNumberIsNamedByItAndHasSixWords() {
    SyscallSignature call = TABLE.abi("x86_64").byNumber(0x1f4);
    assertEquals("syscall_0x1f4", call.name());
    assertEquals(6, call.arguments().size());
    assertFalse(call.isKnown());
    assertEquals("syscall_0xffffffffffffffff", TABLE.abi("x86_64").byNumber(-1).name());
    assertEquals("syscall_0xffffffff", TABLE.abi("i386").byNumber(-1).name());
  }

  @Test
  void x32NumbersHaveBit30() {
    SyscallNumbers x32 = TABLE.abi("x32");
    assertEquals("openat", x32.byNumber(0x40000000L + 257).name());
    assertEquals("execve", x32.byNumber(0x40000000L + 520).name());
    assertEquals(0x40000000 + 520, x32.number("execve"));
    assertFalse(x32.byNumber(257).isKnown());
  }

  @Test
  void armHasNamesAndWords() {
    SyscallNumbers arm = TABLE.abi("arm");
    assertEquals(281, arm.number("socket"));
    assertEquals(471, arm.number("rseq_slice_yield"));
    assertEquals("execve", arm.byNumber(11).name());
    assertEquals(TABLE.abi("x86_64").byNumber(500).arguments(), arm.byNumber(11).arguments());
    assertFalse(arm.byNumber(0xf0002).isKnown());
  }

  @Test
  void anUnknownAbiIsRefusedWithTheKnownOnes() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> TABLE.abi("x86-64"));
    assertTrue(e.getMessage().contains("x86_64"), e.getMessage());
  }

  @Test
  void aTypoGetsTheNearestNames() {
    assertEquals("openat", TABLE.suggestions("opnat").get(0));
    assertEquals("socket", TABLE.suggestions("sokcet").get(0));
    assertEquals(List.of(), TABLE.suggestions("completely_different"));
    assertTrue(TABLE.isName("openat"));
    assertFalse(TABLE.isName("opnat"));
  }

  @Test
  void aNameOfAnyLengthIsAnsweredAtOnce() {
    String name = "open".repeat(1_000_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(60), () -> assertEquals(List.of(), TABLE.suggestions(name)));
  }

  @Test
  void classesHoldTheCallsOfEveryAbi() {
    Set<String> file = TABLE.classes().get("file");
    assertTrue(file.containsAll(Set.of("open", "openat", "stat64", "execve")));
    assertFalse(file.contains("read"));
    assertTrue(TABLE.abi("x86_64").byNumber(0).classes().contains("desc"));
    assertEquals(
        Set.of(
            "clock", "creds", "desc", "file", "fstat", "fstatfs", "ipc", "lstat", "memory",
            "network", "process", "pure", "signal", "stat", "statfs"),
        new TreeSet<>(TABLE.classes().keySet()));
  }

  @Test
  void a64BitOffsetTakesTwoRegistersOfA32BitAbi() {
    Argument wide = TABLE.abi("i386").byName("pread64").orElseThrow().arguments().get(3);
    assertEquals("offset", wide.name());
    List<Argument> copy = TABLE.abi("i386").byName("fadvise64").orElseThrow().arguments();
    assertEquals(List.of(0, 1, 3, 4), copy.stream().map(Argument::register).toList());
    List<Argument> same = TABLE.abi("x86_64").byName("fadvise64").orElseThrow().arguments();
    assertEquals(List.of(0, 1, 2, 3), same.stream().map(Argument::register).toList());
  }

  @Test
  void cloneHasItsArgumentsInTheOrderOfTheAbi() {
    assertEquals(
        List.of("flags", "stack", "parent_tid", "child_tid", "tls"), argumentNames("x86_64"));
    assertEquals(
        List.of("flags", "stack", "parent_tid", "tls", "child_tid"), argumentNames("aarch64"));
    assertEquals(
        List.of("flags", "stack", "parent_tid", "tls", "child_tid"), argumentNames("i386"));
  }

  private static List<String> argumentNames(String abi) {
    return TABLE.abi(abi).byName("clone").orElseThrow().arguments().stream()
        .map(Argument::name)
        .toList();
  }

  @Test
  void pathAndStringArgumentsAreKnownAsStrings() {
    List<Argument> execve = TABLE.abi("x86_64").byName("execve").orElseThrow().arguments();
    assertTrue(execve.get(0).kind().isPath());
    assertTrue(execve.get(0).kind().isString());
    assertFalse(execve.get(1).kind().isString());
    List<Argument> fsopen = TABLE.abi("x86_64").byName("fsopen").orElseThrow().arguments();
    assertTrue(fsopen.get(0).kind().isString());
    assertFalse(fsopen.get(0).kind().isPath());
  }

  @Test
  void lookupByNumberAllocatesNothing() {
    SyscallNumbers numbers = TABLE.abi("x86_64");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = lookUp(numbers);
    long before = threads.getCurrentThreadAllocatedBytes();
    sum += lookUp(numbers);
    long after = threads.getCurrentThreadAllocatedBytes();
    assertTrue(sum > 0);
    assertTrue(after - before < 10_000, () -> (after - before) + " bytes");
  }

  private static long lookUp(SyscallNumbers numbers) {
    long sum = 0;
    for (int round = 0; round < 10_000; round++) {
      sum += numbers.byNumber(round % 400).arguments().size();
      sum += numbers.byNumber(1000).arguments().size();
    }
    return sum;
  }
}
