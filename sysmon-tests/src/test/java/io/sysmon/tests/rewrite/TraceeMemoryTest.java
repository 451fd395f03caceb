package io.sysmon.tests.rewrite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.BadAddressException;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.StringTooLongException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeMemory;
import io.sysmon.TraceeMemory.Iovec;
import io.sysmon.tests.support.Background;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tracee's memory in callbacks and from other threads. */
class TraceeMemoryTest {
  private WindowsGuest guest;

  @BeforeEach
  void launch() throws IOException {
    guest = new WindowsGuest();
  }

  @AfterEach
  void end() throws Exception {
    guest.talk().end();
    assertEquals(0, guest.tracee().waitFor());
    guest.close();
  }

  @Test
  void literalsAndCodeAreWrittenToo() throws IOException {
    AtomicReference<byte[]> code = new AtomicReference<>();
    assertEquals(
        "asked A literal, known TEXT",
        guest.ask(
            call -> {
              TraceeMemory memory = call.memory();
              memory.writeByte(guest.literal, (byte) 'A');
              memory.write(guest.text + 6, "TEXT".getBytes(UTF_8));
              code.set(memory.read(guest.code, 16));
              memory.write(guest.code, new byte[16]);
              assertArrayEquals(new byte[16], memory.read(guest.code, 16));
              memory.write(guest.code, code.get());
            }));
    // The code works as before.
    assertTrue(guest.command("string " + guest.writable + " 3", call -> {}).startsWith("3 "));
    assertArrayEquals(code.get(), guest.tracee().memory().read(guest.code, 16));
  }

  @Test
  void aSharedMappingThatIsReadOnlyIsRefused() throws IOException {
    guest.ask(
        call -> {
          long before = call.memory().readLong(guest.shared);
          for (int i = 0; i < 9; i++) {
            long address = guest.shared + i;
            BadAddressException refusal =
                assertThrows(BadAddressException.class, () -> call.memory().writeLong(address, 7));
            assertEquals(0, refusal.transferred());
            assertThrows(BadAddressException.class, () -> call.memory().pokeData(address, 7));
          }
          assertEquals(before, call.memory().readLong(guest.shared));
        });
  }

  @Test
  void memoryThatIsNotThereIsRefusedByEveryRoad() throws IOException {
    long unmapped = guest.writable + WindowsGuest.WINDOW;
    guest.ask(
        call -> {
          TraceeMemory memory = call.memory();
          for (long address : new long[] {0, 8, -1, -8, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThrows(BadAddressException.class, () -> memory.readLong(address));
            assertThrows(BadAddressException.class, () -> memory.writeLong(address, 1));
            assertThrows(BadAddressException.class, () -> memory.peekData(address));
            assertThrows(BadAddressException.class, () -> memory.pokeData(address, 1));
            assertThrows(BadAddressException.class, () -> memory.readString(address));
            assertThrows(BadAddressException.class, () -> memory.readStrings(address));
            assertThrows(BadAddressException.class, () -> memory.readIovec(address, 1));
            BadAddressException refusal =
                assertThrows(BadAddressException.class, () -> memory.replaceString(address, ""));
            assertEquals(address, refusal.address());
            assertTrue(refusal.getMessage().contains("" + call.tid()), refusal::getMessage);
          }
          assertThrows(BadAddressException.class, () -> memory.read(unmapped, 1));
          assertEquals(0, memory.read(unmapped, new byte[3], 0, 3));
          assertThrows(BadAddressException.class, () -> memory.readLong(unmapped - 7));
        });
  }

  @Test
  void aPageThatTheProgramItselfMayNotAccessIsReachedByWords() throws IOException {
    guest.ask(
        call -> {
          TraceeMemory memory = call.memory();
          assertThrows(BadAddressException.class, () -> memory.readLong(guest.none));
          assertEquals(0, memory.peekData(guest.none));
          memory.writeLong(guest.none + 3, 0x1234_5678_9abc_def0L);
          assertEquals(0x1234_5678_9abc_def0L, memory.peekData(guest.none + 3));
          assertEquals(0x789a_bcde_f000_0000L, memory.peekData(guest.none));
        });
  }

  @Test
  void stringsAndRangesAreReadFromTheirArrays() throws IOException {
    guest.ask(
        call -> {
          assertEquals(List.of("one", "", "thréé"), call.memory().readStrings(guest.strings));
          assertEquals(
              List.of(new Iovec(guest.text, 5), new Iovec(0, 0), new Iovec(-1, -1)),
              call.memory().readIovec(guest.iovec, 3));
          assertEquals(List.of(), call.memory().readIovec(guest.iovec, 0));
          assertThrows(
              IllegalArgumentException.class, () -> call.memory().readIovec(guest.iovec, -1));
        });
    TraceeMemory memory = guest.tracee().memory();
    assertEquals(List.of("one", "", "thréé"), memory.readStrings(guest.strings));
    assertEquals(3, memory.readIovec(guest.iovec, 3).size());
  }

  @Test
  void aHandlesMemoryIsWrittenFromAnyThreadWhereTheProgramMayWrite() throws IOException {
    TraceeMemory memory = guest.tracee().memory();
    memory.replaceString(guest.text, "new");
    assertEquals("new", memory.readString(guest.text));
    assertThrows(StringTooLongException.class, () -> memory.replaceString(guest.text, "four"));
    assertThrows(IllegalArgumentException.class, () -> memory.replaceString(guest.text, "a\0b"));
    // The last writable bytes and one that is not.
    long last = guest.writable + WindowsGuest.WINDOW - 3;
    BadAddressException partly =
        assertThrows(BadAddressException.class, () -> memory.writeInt(last, -1));
    assertEquals(3, partly.transferred());
    assertArrayEquals(new byte[] {-1, -1, -1}, memory.read(last, 3));
    BadAddressException literal =
        assertThrows(BadAddressException.class, () -> memory.writeByte(guest.literal, (byte) 'A'));
    assertEquals(0, literal.transferred());
    assertTrue(literal.getMessage().contains("callback"), literal::getMessage);
    assertThrows(IllegalTraceeStateException.class, () -> memory.peekData(guest.text));
    assertThrows(IllegalTraceeStateException.class, () -> memory.pokeText(guest.text, 1));
    assertEquals("asked a literal, new", guest.ask(call -> {}));
  }

  @Test
  void severalThreadsWriteWhileTheProgramRuns() throws Exception {
    TraceeMemory memory = guest.tracee().memory();
    AtomicBoolean over = new AtomicBoolean();
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      long from = guest.writable + t * 40_000L + t;
      byte fill = (byte) ('A' + t);
      writers.add(
          Background.run(
              () -> {
                byte[] bytes = new byte[30_000];
                Arrays.fill(bytes, fill);
                while (!over.get()) {
                  memory.write(from, bytes);
                  assertArrayEquals(bytes, memory.read(from, bytes.length));
                }
              }));
    }
    AtomicInteger asked = new AtomicInteger();
    for (int i = 0; i < 200; i++) {
      guest.ask(
          call -> {
            assertEquals(List.of("one", "", "thréé"), call.memory().readStrings(guest.strings));
            asked.incrementAndGet();
          });
    }
    over.set(true);
    writers.forEach(CompletableFuture::join);
    assertEquals(200, asked.get());
  }

  @Test
  void theMemoryOfAProcessWhoseLeaderHasEndedIsThatOfItsThreads() throws Exception {
    TraceeMemory memory = guest.tracee().memory();
    guest.talk().say("leave");
    assertEquals("left", guest.talk().line());
    long deadline = System.nanoTime() + 10_000_000_000L;
    java.nio.file.Path status = java.nio.file.Path.of("/proc/" + guest.tracee().pid() + "/status");
    while (!java.nio.file.Files.readString(status).contains("State:\tZ")) {
      assertTrue(System.nanoTime() < deadline, "The leader does not end");
      Thread.onSpinWait();
    }
    assertEquals("known text", memory.readString(guest.text));
    memory.replaceString(guest.text, "other");
    assertEquals("other", memory.readString(guest.text));
    assertTrue(guest.tracee().isAlive());
  }

  @Test
  void aDeadProcessHasNoMemory() throws Exception {
    TraceeMemory memory = guest.tracee().memory();
    guest.talk().end();
    assertEquals(0, guest.tracee().waitFor());
    assertThrows(TraceeDiedException.class, () -> memory.write(guest.text, new byte[1]));
    assertThrows(TraceeDiedException.class, () -> memory.replaceString(guest.text, ""));
    assertThrows(TraceeDiedException.class, () -> memory.readIovec(guest.iovec, 1));
  }
}
