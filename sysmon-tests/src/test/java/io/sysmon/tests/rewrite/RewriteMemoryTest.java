package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.MemoryGuest.FORBIDDEN;
import static io.sysmon.tests.rewrite.MemoryGuest.PAGE;
import static io.sysmon.tests.rewrite.MemoryGuest.READ_ONLY;
import static io.sysmon.tests.rewrite.MemoryGuest.WRITABLE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.BadAddressException;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.StringTooLongException;
import io.sysmon.SyscallEnter;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeMemory;
import io.sysmon.TraceeMemory.Iovec;
import io.sysmon.tests.support.Cpu;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stopped task's memory, read and written; what was written is what the program then sees. */
class RewriteMemoryTest {
  private static final long[] NOWHERE = {0, 8, -1, -4096, Long.MIN_VALUE, Long.MAX_VALUE};

  private MemoryGuest guest;

  @BeforeEach
  void launch() throws IOException {
    guest = new MemoryGuest();
  }

  @AfterEach
  void endsUnharmed() throws Exception {
    if (guest.tracee().isAlive()) {
      guest.end();
    }
    guest.close();
  }

  private <T> T inCall(Function<SyscallEnter, T> work) {
    return guest.inCall(work);
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i % 251 + 3);
    }
    return bytes;
  }

  private static byte[] bytesOf(long number) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(number).array();
  }

  /** Something through the memory of a view, and the same through that of the handle. */
  private void byBoth(Consumer<TraceeMemory> work) {
    work.accept(guest.memory());
    inCall(
        call -> {
          work.accept(call.memory());
          return "";
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 7, PAGE - 1, PAGE - 3, PAGE - 4, PAGE - 7, PAGE - 8})
  void numbersAreWrittenAndReadAtAnyPlace(int offset) {
    for (int area : new int[] {WRITABLE, READ_ONLY}) {
      long at = guest.area(area) + PAGE + offset;
      byte[] before = guest.seen(at - 8, 32);
      inCall(
          call -> {
            TraceeMemory memory = call.memory();
            memory.writeLong(at, 0x0123_4567_89ab_cdefL);
            assertEquals(0x0123_4567_89ab_cdefL, memory.readLong(at));
            memory.writeInt(at + 8, 0xdead_beef);
            assertEquals(0xdead_beef, memory.readInt(at + 8));
            memory.writeByte(at + 12, (byte) -7);
            assertEquals(-7, memory.readByte(at + 12));
            return "";
          });
      byte[] expected =
          ByteBuffer.wrap(before.clone())
              .order(ByteOrder.nativeOrder())
              .putLong(8, 0x0123_4567_89ab_cdefL)
              .putInt(16, 0xdead_beef)
              .put(20, (byte) -7)
              .array();
      assertArrayEquals(expected, guest.seen(at - 8, 32));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, PAGE, 65_536, 65_537, 140_000})
  void bytesOfAnyLengthAreWrittenAndNoOthers(int length) {
    for (int area : new int[] {WRITABLE, READ_ONLY}) {
      long at = guest.area(area) + 4099;
      byte[] expected = guest.seen(at - 3, length + 6);
      System.arraycopy(bytes(length), 0, expected, 3, length);
      inCall(
          call -> {
            call.memory().write(at, bytes(length));
            assertArrayEquals(bytes(length), call.memory().read(at, length));
            return "";
          });
      assertArrayEquals(expected, guest.seen(at - 3, length + 6));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 8, 11, PAGE, PAGE + 3, 70_001})
  void aReadThatEndsInNothingTellsHowMuchThereWas(int readable) {
    for (int area : new int[] {WRITABLE, READ_ONLY}) {
      long at = guest.end(area) - readable;
      byte[] there = guest.seen(at, readable);
      byBoth(
          memory -> {
            byte[] into = new byte[readable + 100];
            assertEquals(readable, memory.read(at, into, 50, readable + 50));
            byte[] expected = new byte[readable + 100];
            System.arraycopy(there, 0, expected, 50, readable);
            assertArrayEquals(expected, into);
            assertBad(at, readable, () -> memory.read(at, readable + 1));
            assertBad(at, readable, () -> memory.readString(at));
          });
    }
  }

  private static BadAddressException assertBad(long address, int transferred, Executable work) {
    BadAddressException refusal = assertThrows(BadAddressException.class, work);
    assertEquals(Long.toHexString(address), Long.toHexString(refusal.address()));
    assertEquals(transferred, refusal.transferred());
    assertTrue(refusal.getMessage().contains("Task "), refusal::getMessage);
    assertTrue(
        refusal.getMessage().contains("0x" + Long.toHexString(address)), refusal::getMessage);
    return refusal;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 8, 11, PAGE, PAGE + 3, 70_001})
  void aWriteThatEndsInNothingTellsExactlyWhatItWrote(int writable) {
    for (int area : new int[] {WRITABLE, READ_ONLY}) {
      long at = guest.end(area) - writable;
      byte[] before = guest.seen(at - 9, 9);
      byte[] bytes = bytes(writable + 13);
      inCall(call -> assertBad(at, writable, () -> call.memory().write(at, bytes)));
      assertArrayEquals(before, guest.seen(at - 9, 9));
      assertArrayEquals(Arrays.copyOf(bytes, writable), guest.seen(at, writable));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void aNumberThatHalfFitsIsWrittenAsFarAsIsSaid(int writable) {
    for (int area : new int[] {WRITABLE, READ_ONLY}) {
      long at = guest.end(area) - writable;
      byte[] word = bytesOf(0x1122_3344_5566_7788L);
      inCall(
          call -> {
            assertBad(at, writable, () -> call.memory().readLong(at));
            assertBad(at, writable, () -> call.memory().writeLong(at, 0x1122_3344_5566_7788L));
            return "";
          });
      assertArrayEquals(Arrays.copyOf(word, writable), guest.seen(at, writable));
      byte[] other = bytesOf(0x0807_0605_0403_0201L);
      inCall(
          call -> {
            assertBad(at, 0, () -> call.memory().peekData(at));
            return assertBad(
                at, writable, () -> call.memory().pokeData(at, 0x0807_0605_0403_0201L));
          });
      assertArrayEquals(Arrays.copyOf(other, writable), guest.seen(at, writable));
    }
  }

  @Test
  void theHandlesMemoryWritesWhereTheProgramMayAndNowhereElse() {
    long at = guest.area(WRITABLE) + 5;
    guest.memory().write(at, bytes(70_000));
    assertArrayEquals(bytes(70_000), guest.seen(at, 70_000));
    guest.memory().writeLong(at, 99);
    assertEquals(99, guest.memory().readLong(at));
    assertArrayEquals(bytesOf(99), guest.seen(at, 8));

    long end = guest.end(WRITABLE) - 5000;
    assertBad(end, 5000, () -> guest.memory().write(end, bytes(5003)));
    assertArrayEquals(bytes(5000), guest.seen(end, 5000));

    for (long place : new long[] {guest.literal, guest.answer, guest.area(READ_ONLY)}) {
      byte[] before = guest.seen(place, 16);
      BadAddressException refusal = assertBad(place, 0, () -> guest.memory().writeInt(place, 7));
      assertTrue(refusal.getMessage().contains("in a callback"), refusal::getMessage);
      assertBad(place, 0, () -> guest.memory().write(place, bytes(9)));
      assertArrayEquals(before, guest.seen(place, 16));
    }
  }

  @Test
  void aTooShortReadOnlyStringIsSafeFromTheHandleTooAndAnyOtherNeedsTheView() {
    assertThrows(
        StringTooLongException.class,
        () -> guest.memory().replaceString(guest.literal, "x".repeat(25)));
    assertBad(guest.literal, 0, () -> guest.memory().replaceString(guest.literal, "shorter"));
    assertEquals("a text that is read-only", text(guest.literal, 24));
  }

  private String text(long address, int length) {
    return new String(guest.seen(address, length), StandardCharsets.UTF_8);
  }

  @Test
  void theViewsMemoryWritesToWhatTheProgramMayNotWrite() {
    inCall(
        call -> {
          call.memory().replaceString(guest.literal, "a text that is replaced!");
          return "";
        });
    assertEquals("a text that is replaced!\0", text(guest.literal, 25));
    assertEquals("42", guest.ask("answer"));
    byte[] code = guest.seen(guest.answer, 8);
    inCall(
        call -> {
          TraceeMemory memory = call.memory();
          memory.writeLong(guest.answer, answering(4711, memory.readLong(guest.answer)));
          return "";
        });
    assertEquals("4711", guest.ask("answer"));
    inCall(
        call -> {
          call.memory().write(guest.answer, code);
          return "";
        });
    assertEquals("42", guest.ask("answer"));
  }

  /** The code of the guest's {@code answer}, with another number in its first instruction. */
  private static long answering(int number, long code) {
    return Cpu.choose(
        // mov $42, %eax
        (code & ~(0xffff_ffffL << 8)) | ((long) number << 8),
        // mov w0, #42
        (code & ~(0xffffL << 5)) | ((long) number << 5));
  }

  @Test
  void wordsArePeekedAndPokedInTextAndData() {
    long data = guest.area(READ_ONLY) + PAGE - 3;
    byte[] before = guest.seen(data - 8, 24);
    long code =
        inCall(
            call -> {
              TraceeMemory memory = call.memory();
              assertArrayEquals(Arrays.copyOfRange(before, 8, 16), bytesOf(memory.peekData(data)));
              memory.pokeData(data, 0x1234_5678_9abc_def0L);
              assertEquals(0x1234_5678_9abc_def0L, memory.peekData(data));
              assertEquals(0x1234_5678_9abc_def0L, memory.readLong(data));
              // All ones is a word like any other.
              memory.pokeData(data + 8, -1);
              assertEquals(-1, memory.peekData(data + 8));

              long word = memory.peekText(guest.answer);
              assertEquals(memory.readLong(guest.answer), word);
              memory.pokeText(guest.answer, answering(43, word));
              return word;
            });
    byte[] expected =
        ByteBuffer.wrap(before)
            .order(ByteOrder.nativeOrder())
            .putLong(8, 0x1234_5678_9abc_def0L)
            .putLong(16, -1)
            .array();
    assertArrayEquals(expected, guest.seen(data - 8, 24));
    assertEquals("43", guest.ask("answer"));
    inCall(
        call -> {
          call.memory().pokeText(guest.answer, code);
          return "";
        });
    assertEquals("42", guest.ask("answer"));
  }

  @Test
  void wordsNeedAStoppedTask() {
    for (Executable work :
        List.<Executable>of(
            () -> guest.memory().peekData(guest.first),
            () -> guest.memory().peekText(guest.first),
            () -> guest.memory().pokeData(guest.first, 1),
            () -> guest.memory().pokeText(guest.first, 1))) {
      assertThrows(IllegalTraceeStateException.class, work);
    }
    assertArrayEquals(new byte[8], guest.seen(guest.first, 8));
  }

  @Test
  void aPageThatEvenTheProgramMayNotReadIsReachedByWordsOnly() {
    long at = guest.area(FORBIDDEN) + 24;
    inCall(
        call -> {
          TraceeMemory memory = call.memory();
          assertEquals(0, memory.read(at, new byte[8], 0, 8));
          assertBad(at, 0, () -> memory.readLong(at));
          assertBad(at, 0, () -> memory.readString(at));
          memory.peekData(at);
          memory.writeLong(at, 4711);
          assertEquals(4711, memory.peekData(at));
          return "";
        });
    assertBad(at, 0, () -> guest.memory().writeLong(at, 1));
    assertEquals("allowed", guest.ask("allow 2"));
    assertArrayEquals(bytesOf(4711), guest.seen(at, 8));
  }

  @Test
  void whereNothingIsNothingIsReadAndNothingWritten() {
    for (long at : NOWHERE) {
      byBoth(
          memory -> {
            assertEquals(0, memory.read(at, new byte[8], 0, 8));
            assertBad(at, 0, () -> memory.readByte(at));
            assertBad(at, 0, () -> memory.readInt(at));
            assertBad(at, 0, () -> memory.readLong(at));
            assertBad(at, 0, () -> memory.readString(at));
            assertBad(at, 0, () -> memory.readStrings(at));
            assertBad(at, 0, () -> memory.readIovec(at, 1));
            assertBad(at, 0, () -> memory.writeByte(at, (byte) 1));
            assertBad(at, 0, () -> memory.writeLong(at, 1));
            assertBad(at, 0, () -> memory.write(at, bytes(100)));
            assertBad(at, 0, () -> memory.replaceString(at, ""));
            assertEquals(List.of(), memory.readIovec(at, 0));
            memory.write(at, new byte[0]);
          });
      inCall(
          call -> {
            assertBad(at, 0, () -> call.memory().peekData(at));
            return assertBad(at, 0, () -> call.memory().pokeData(at, 1));
          });
    }
  }

  @Test
  void arraysOfStringsAndOfRangesAreRead() {
    inCall(
        call -> {
          assertEquals(List.of("one", "", "zwei ä"), call.memory().readStrings(guest.names));
          assertEquals(List.of(), call.memory().readStrings(guest.names + 24));
          List<Iovec> ranges = call.memory().readIovec(guest.vector, 3);
          assertEquals(new Iovec(guest.first, 10), ranges.get(0));
          assertEquals(7, ranges.get(1).length());
          assertEquals(new Iovec(0, 0), ranges.get(2));
          assertEquals(3, ranges.size());
          assertThrows(
              IllegalArgumentException.class, () -> call.memory().readIovec(guest.vector, -1));
          return "";
        });
    assertEquals(
        List.of("one", "", "zwei ä"), guest.inCall(0, guest.names, 0, call -> call.strings(1)));
    assertEquals("zwei ä", guest.memory().readStrings(guest.names).get(2));
    assertEquals(7, guest.memory().readIovec(guest.vector, 2).get(1).length());
  }

  @Test
  void anArrayThatEndsInNothingIsSaidToBeBad() {
    guest.fill(WRITABLE, 100, 5);
    long last = guest.end(WRITABLE) - 8;
    inCall(
        call -> {
          call.memory().writeLong(last, guest.area(WRITABLE) + 100);
          assertBad(guest.end(WRITABLE), 0, () -> call.memory().readStrings(last));
          return assertBad(guest.end(WRITABLE), 0, () -> call.memory().readIovec(last, 1));
        });
  }

  @Test
  void argumentsThatPointNowhereAreRefusedByNameAndTheCallIsUnharmed() {
    for (long at : NOWHERE) {
      guest.inCall(
          at,
          8,
          0,
          call -> {
            assertBad(at, 0, () -> call.replaceString(0, ""));
            assertBad(at, 0, () -> call.replaceBuffer(0, 1, new byte[8], false));
            assertBad(at, 0, () -> call.string(0));
            assertFalse(call.findString(0).isPresent());
            assertEquals(8, call.arg(1));
            return "";
          });
    }
  }

  @Test
  void argumentsThatDoNotExistAreRefusedByName() {
    for (int index : new int[] {-1, 6, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      inCall(
          call -> {
            for (Executable work :
                List.<Executable>of(
                    () -> call.arg(index),
                    () -> call.programArg(index),
                    () -> call.setArg(index, 1),
                    () -> call.string(index),
                    () -> call.replaceString(index, "x"),
                    () -> call.relocateString(index, "x"),
                    () -> call.replaceBuffer(index, 1, new byte[0], false),
                    () -> call.replaceBuffer(0, index, new byte[0], false),
                    () -> call.relocateBuffer(index, 1, new byte[1], false),
                    () -> call.relocateBuffer(0, index, new byte[1], false))) {
              IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, work);
              String message = refusal.getMessage();
              assertTrue(message.contains("argument " + index), message);
              assertTrue(message.contains("getppid"), message);
              assertTrue(message.contains(Integer.toString(call.tid())), message);
            }
            for (int i = 0; i < 3; i++) {
              assertEquals(0, call.arg(i));
            }
            return "";
          });
    }
  }

  @Test
  void aStringWithAZeroByteIsNoString() {
    long at = guest.area(WRITABLE) + 100;
    guest.fill(WRITABLE, 100, 5);
    guest.inCall(
        at,
        5,
        0,
        call -> {
          assertThrows(IllegalArgumentException.class, () -> call.replaceString(0, "a\0b"));
          assertThrows(IllegalArgumentException.class, () -> call.relocateString(0, "a\0b"));
          assertThrows(IllegalArgumentException.class, () -> call.memory().replaceString(at, "\0"));
          assertEquals(at, call.arg(0));
          return "";
        });
    assertEquals("xxxxx\0", text(at, 6));
  }

  @Test
  void aBufferThatIsTooLongIsRefusedWithBothLengthsAndNothingIsWritten() {
    long at = guest.area(WRITABLE);
    byte[] before = guest.seen(at, 20);
    guest.inCall(
        at,
        5,
        0,
        call -> {
          StringTooLongException refusal =
              assertThrows(
                  StringTooLongException.class, () -> call.replaceBuffer(0, 1, new byte[6], true));
          assertEquals(5, refusal.originalLength());
          assertEquals(6, refusal.newLength());
          assertTrue(refusal.getMessage().contains("getppid"), refusal::getMessage);
          assertEquals(5, call.arg(1));
          return "";
        });
    assertArrayEquals(before, guest.seen(at, 20));
  }

  @Test
  void aViewIsGoodForNothingAfterItsCallback() {
    TraceeMemory[] memory = new TraceeMemory[1];
    SyscallEnter[] kept = new SyscallEnter[1];
    inCall(
        call -> {
          memory[0] = call.memory();
          kept[0] = call;
          return "";
        });
    SyscallEnter call = kept[0];
    for (Executable work :
        List.<Executable>of(
            () -> call.setArg(0, 1),
            () -> call.setNumber(0),
            () -> call.setNumber("read"),
            () -> call.skip(0),
            () -> call.replaceString(0, "x"),
            () -> call.relocateString(0, "x"),
            () -> call.replaceBuffer(0, 1, new byte[0], false),
            () -> call.relocateBuffer(0, 1, new byte[0], false),
            () -> call.hold(),
            () -> call.syscall("getpid"),
            () -> memory[0].readByte(guest.first),
            () -> memory[0].writeByte(guest.first, (byte) 1),
            () -> memory[0].replaceString(guest.first, ""),
            () -> memory[0].peekData(guest.first),
            () -> memory[0].pokeData(guest.first, 1))) {
      assertThrows(IllegalTraceeStateException.class, work);
    }
    assertArrayEquals(new byte[10], guest.seen(guest.first, 10));
    // A later callback does not make the call's own verbs good on another thread.
    inCall(
        now -> {
          assertEquals(0, now.memory().readByte(guest.first));
          return "";
        });
  }

  @Test
  void aDeadProgramHasNoMemory() throws Exception {
    TraceeMemory memory = guest.memory();
    memory.writeByte(guest.first, (byte) 1);
    guest.end();
    for (Executable work :
        List.<Executable>of(
            () -> memory.read(guest.first, 1),
            () -> memory.read(guest.first, new byte[1], 0, 1),
            () -> memory.readString(guest.first),
            () -> memory.readLong(guest.first),
            () -> memory.write(guest.first, new byte[1]),
            () -> memory.writeLong(guest.first, 1),
            () -> memory.replaceString(guest.first, ""))) {
      assertThrows(TraceeDiedException.class, work);
    }
  }
}
