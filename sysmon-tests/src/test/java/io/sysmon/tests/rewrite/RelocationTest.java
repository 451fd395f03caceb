package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.BadAddressException;
import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.SyscallEnter;
import io.sysmon.TraceeHandle;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Strings and buffers that are put elsewhere in the program's memory, and what is left of it. */
class RelocationTest {
  private static final String MISSING = "/no/such/file";

  private final AtomicInteger relocated = new AtomicInteger();

  /** Where texts were put. */
  private final Set<Long> places = ConcurrentHashMap.newKeySet();

  @TempDir private Path directory;

  /** Each path that does not exist is another one that does. */
  private final Listener toExisting =
      onEnter(Interest.enter("statfs", "execve"), this::relocateMissing);

  /** The guest. */
  ProcessBuilder program(Object... arguments) {
    return guest("memory_relocation", arguments);
  }

  private void relocateMissing(SyscallEnter call) {
    if (call.string(0).equals(MISSING)) {
      call.relocateString(0, call.name().equals("execve") ? "/bin/true" : "/proc");
      places.add(call.arg(0));
      relocated.incrementAndGet();
    }
  }

  private static List<String> mappings(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/maps"));
  }

  private static int looksAt(Talk guest) throws IOException {
    assertEquals("ready", guest.line());
    return mappings(guest.tracee().pid()).size();
  }

  private static int goesOn(Talk guest) throws IOException {
    guest.say("go");
    return looksAt(guest);
  }

  private static void ends(Talk guest, String lastLine) throws Exception {
    guest.say("go");
    assertEquals(lastLine, guest.line());
    assertEquals("", guest.end());
    assertEquals(0, guest.exitValue());
  }

  /** Whether an address is in a mapping of a process. */
  private static boolean isMapped(long pid, long address) throws IOException {
    return mappings(pid).stream()
        .map(line -> line.split("[- ]"))
        .anyMatch(
            words ->
                Long.compareUnsigned(Long.parseUnsignedLong(words[0], 16), address) <= 0
                    && Long.compareUnsigned(address, Long.parseUnsignedLong(words[1], 16)) < 0);
  }

  @Test
  void tenThousandCallsUseOneArea() throws Exception {
    int calls = Effort.rounds(10_000);
    try (Talk guest = Talk.with(program("many", calls), toExisting)) {
      int before = looksAt(guest);
      int after = goesOn(guest);
      assertTrue(after <= before + 1, before + " and then " + after);
      assertEquals(after, goesOn(guest));
      assertEquals(10 + calls, relocated.get());
      assertEquals(1, places.size());
      ends(guest, "done");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {30_000, 50_000, 65_536, 100_000, 1 << 20})
  void severalRelocationsInEachCallUseTheSameAreasAgain(int size) throws Exception {
    Listener three =
        onEnter(
            "statfs",
            call -> {
              if (call.string(0).equals(MISSING)) {
                byte[] bytes = new byte[size];
                Arrays.fill(bytes, (byte) relocated.incrementAndGet());
                call.relocateBuffer(2, 3, bytes, false);
                Arrays.fill(bytes, (byte) 7);
                call.relocateBuffer(4, 5, bytes, false);
                call.relocateString(0, "/proc" + "/.".repeat(1000));
                for (int i : new int[] {0, 2, 4}) {
                  places.add(call.arg(i));
                }
                assertEquals((byte) relocated.get(), call.bytes(2, size)[size - 1]);
                assertArrayEquals(bytes, call.bytes(4, size));
              }
            });
    int calls = Effort.rounds(100);
    try (Talk guest = Talk.with(program("many", calls), three)) {
      looksAt(guest);
      int after = goesOn(guest);
      assertEquals(3, places.size());
      assertEquals(after, goesOn(guest));
      assertEquals(10 + calls, relocated.get());
      assertEquals(3, places.size());
      ends(guest, "done");
    }
  }

  @Test
  void textsOfAnySizeInAnyOrderUseNoMoreThanTheLargestNeeds() throws Exception {
    int[] sizes = {10, 200_000, 100, 60_000, 200_000, 7, 65_535, 65_537, 131_073, 1};
    Listener many =
        onEnter(
            "statfs",
            call -> {
              if (call.string(0).equals(MISSING)) {
                byte[] bytes = new byte[sizes[relocated.getAndIncrement() % sizes.length]];
                call.relocateBuffer(1, 2, bytes, false);
                assertArrayEquals(bytes, call.bytes(1, bytes.length));
                call.setArg(1, call.programArg(1));
                call.relocateString(0, "/proc");
              }
            });
    int calls = Effort.rounds(1000);
    try (Talk guest = Talk.with(program("many", calls), many)) {
      looksAt(guest);
      int after = goesOn(guest);
      assertEquals(after, goesOn(guest));
      assertEquals(10 + calls, relocated.get());
      ends(guest, "done");
    }
  }

  @Test
  void threadsThatComeAndGoHandTheirAreasOn() throws Exception {
    int rounds = Effort.rounds(100);
    try (Talk guest = Talk.with(program("threads", rounds), toExisting)) {
      looksAt(guest);
      assertEquals(24, relocated.get());
      int areas = places.size();
      assertEquals(4, areas);
      goesOn(guest);
      assertEquals(24 + 8 * rounds, relocated.get());
      // A thread may begin before the tracer has been told of the end of one that was joined.
      assertTrue(places.size() <= 20, places::toString);
      ends(guest, "done");
    }
  }

  @ParameterizedTest
  @CsvSource({"spawns, 'done, 0 bad', 2", "vforks, done, 2"})
  void childrenInTheSameMemoryHandTheirAreasOn(String mode, String last, int each)
      throws Exception {
    int rounds = Effort.rounds(150);
    try (Talk guest = Talk.with(program(mode, rounds), toExisting)) {
      int before = looksAt(guest);
      assertEquals(3 * each, relocated.get());
      int areas = places.size();
      assertTrue(areas <= 2, places::toString);
      assertEquals(before, goesOn(guest));
      assertEquals((3 + rounds) * each, relocated.get());
      assertEquals(areas, places.size());
      ends(guest, last);
    }
  }

  @Test
  void aForkedChildHasNotItsParentsAreaAndGetsItsOwn() throws Exception {
    try (Talk guest = Talk.with(program("forks"), toExisting)) {
      int parent = guest.tracee().pid();
      looksAt(guest);
      long area = places.iterator().next();
      assertTrue(isMapped(parent, area));
      guest.say("go");
      long child = guest.value("child");
      assertEquals("ready", guest.line());
      assertFalse(isMapped(child, area));
      guest.say("go");
      assertEquals("ready", guest.line());
      assertEquals(2, relocated.get());
      for (long place : places) {
        assertTrue(place == area || isMapped(child, place));
      }
      goesOn(guest);
      assertTrue(isMapped(parent, area));
      assertEquals(3, relocated.get());
      ends(guest, "done");
    }
  }

  /** There is little room in 32 bits: something else may be mapped where the area was. */
  private static boolean hasText(TraceeHandle process, long area) {
    try {
      return process.memory().readString(area, 6).equals("/proc");
    } catch (BadAddressException e) {
      return false;
    }
  }

  @Test
  void theAreaIsGoneAfterAnExec() throws Exception {
    try (Talk guest = Talk.with(program("execs"), toExisting)) {
      looksAt(guest);
      long area = places.iterator().next();
      assertTrue(hasText(guest.tracee(), area));
      int before = goesOn(guest);
      assertFalse(hasText(guest.tracee(), area));
      places.clear();
      int after = goesOn(guest);
      assertEquals(2, relocated.get());
      assertTrue(after <= before + 1, before + " and then " + after);
      long next = places.iterator().next();
      assertTrue(isMapped(guest.tracee().pid(), next));
      ends(guest, "done");
    }
  }

  @Test
  void bothPathsOfACallAreOthersAndTheProgramsOwnStay() throws Exception {
    Path one = Files.writeString(directory.resolve("one"), "content");
    Path two = directory.resolve("two");
    List<String> seen = new ArrayList<>();
    Listener swapping =
        onEnter(
            "renameat2",
            call -> {
              seen.add(call.string(1) + " " + call.string(3));
              boolean back = relocated.getAndIncrement() % 2 == 1;
              call.relocateString(1, (back ? two : one).toString());
              call.relocateString(3, (back ? one : two).toString());
              assertNotEquals(call.arg(1), call.arg(3));
              assertEquals((back ? two : one).toString(), call.string(1));
            });
    int calls = Effort.rounds(1000);
    try (Talk guest = Talk.with(program("renames", calls), swapping)) {
      int before = looksAt(guest);
      assertEquals(before, goesOn(guest));
      ends(guest, "done /no/such/file /no/such/other");
    }
    assertEquals(100 + calls, seen.size());
    assertEquals(Set.of("/no/such/file /no/such/other"), Set.copyOf(seen));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(one), files.toList());
    }
    assertEquals("content", Files.readString(one));
  }

  @Test
  void aMebibyteIsWrittenForThreeBytes() {
    String text = "0123456789abcde\n".repeat(1 << 16);
    Outcome outcome =
        Outcome.traced(
            program("writes", "abc"),
            onEnter(
                "write",
                call -> {
                  if ((int) call.arg(0) == 1) {
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    call.relocateBuffer(1, 2, bytes, true);
                    assertEquals(1 << 20, call.arg(2));
                    assertEquals(3, call.programArg(2));
                  }
                }));
    assertEquals(new Outcome(text, "3 of 3, then abc\n", 0), outcome);
  }

  @Test
  void aStringOfAMebibyteIsReadBack() {
    String text = "é".repeat(1 << 19);
    Outcome outcome =
        Outcome.traced(
            program("writes", "abc"),
            onEnter(
                "write",
                call -> {
                  if ((int) call.arg(0) == 1) {
                    call.relocateString(1, text);
                    call.setArg(2, 1 << 20);
                    assertEquals(0, call.memory().readByte(call.arg(1) + (1 << 20)));
                  }
                }));
    assertEquals(new Outcome(text, "1048576 of 3, then abc\n", 0), outcome);
  }

  /** What the program is told of a write whose bytes are others. */
  @ParameterizedTest
  @CsvSource({
    "false, false, 'HELLO', '5 of 11, then HELLO world'",
    "false, true, 'HELLO', '11 of 11, then HELLO world'",
    "true, false, 'HELLO', '5 of 11, then hello world'",
    "true, true, 'HELLO', '11 of 11, then hello world'",
    "true, false, 'HELLO WORLD AND ALL', '19 of 11, then hello world'",
    "true, true, 'HELLO WORLD AND ALL', '11 of 11, then hello world'",
    "false, true, 'HELLO WORLD', '11 of 11, then HELLO WORLD'",
    "false, true, '', '11 of 11, then hello world'",
    "false, false, '', '0 of 11, then hello world'",
    "true, true, '', '11 of 11, then hello world'"
  })
  void theLengthThatIsReportedIsTheOriginalOneWhereThatIsAskedFor(
      boolean elsewhere, boolean reports, String text, String told) {
    Outcome outcome =
        Outcome.traced(
            program("writes", "hello world", "end"),
            onEnter(
                "write",
                call -> {
                  if ((int) call.arg(0) == 1 && call.arg(2) == 11) {
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    if (elsewhere) {
                      call.relocateBuffer(1, 2, bytes, reports);
                    } else {
                      call.replaceBuffer(1, 2, bytes, reports);
                    }
                    relocated.incrementAndGet();
                  }
                }));
    assertEquals(new Outcome(text + "end", told + "\n3 of 3, then end\n", 0), outcome);
    assertEquals(1, relocated.get());
  }
}
