package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.BadAddressException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeMemory;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Guest;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tracee's memory through its handle, from threads that are not the tracer's. */
class MemoryTest {
  private static final int PERIOD = 251;

  private Tracer tracer;
  private TraceeHandle tracee;
  private TraceeMemory memory;
  private long base;
  private int size;
  private long text;

  @BeforeEach
  void launchGuest() throws IOException {
    tracer = Tracer.builder().build();
    tracee = tracer.launch(new ProcessBuilder(Guest.compile("memory").toString()));
    memory = tracee.memory();
    BufferedReader output = tracee.process().inputReader();
    base = value(output, "base");
    size = (int) value(output, "size");
    text = value(output, "text");
  }

  private static long value(BufferedReader output, String name) throws IOException {
    String line = output.readLine();
    assertTrue(line.startsWith(name + "="), line);
    return Long.parseLong(line.substring(name.length() + 1));
  }

  @AfterEach
  void endGuest() throws InterruptedException, IOException {
    tracee.process().getOutputStream().close();
    assertEquals(0, tracee.waitFor());
    tracer.close();
  }

  private static byte[] expected(int from, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) ((from + i) % PERIOD);
    }
    return bytes;
  }

  @Test
  void aRangeOfAnySizeIsReadWhole() {
    for (int length : new int[] {0, 1, 4096, 65_535, 65_536, 65_537, size - 3}) {
      assertArrayEquals(expected(3, length), memory.read(base + 3, length), "length " + length);
    }
  }

  @Test
  void bytesGoWhereTheyWereAskedTo() {
    byte[] into = new byte[100];
    assertEquals(10, memory.read(base + 7, into, 50, 10));
    byte[] all = new byte[100];
    System.arraycopy(expected(7, 10), 0, all, 50, 10);
    assertArrayEquals(all, into);
  }

  @Test
  void aRangeThatEndsInForbiddenMemoryIsReadUpToThere() {
    for (int readable : new int[] {1, 16, 4096, 70_000}) {
      byte[] into = new byte[readable + 5000];
      int from = size - readable;
      assertEquals(readable, memory.read(base + from, into, 0, into.length));
      assertArrayEquals(expected(from, readable), Arrays.copyOf(into, readable));
      BadAddressException refusal =
          assertThrows(BadAddressException.class, () -> memory.read(base + from, readable + 5000));
      assertEquals(base + from, refusal.address());
      assertEquals(readable, refusal.transferred());
      assertTrue(
          refusal.getMessage().contains("0x" + Long.toHexString(base + from)), refusal::getMessage);
    }
  }

  @Test
  void memoryThatIsNotThereGivesNothing() {
    for (long address : List.of(0L, 1L, base + size, -1L, -4096L, Long.MIN_VALUE, Long.MAX_VALUE)) {
      assertEquals(0, memory.read(address, new byte[8], 0, 8), () -> Long.toHexString(address));
      BadAddressException refusal =
          assertThrows(BadAddressException.class, () -> memory.read(address, 8));
      assertEquals(address, refusal.address());
      assertEquals(0, refusal.transferred());
      BadAddressException string =
          assertThrows(BadAddressException.class, () -> memory.readString(address));
      assertEquals(address, string.address());
      assertEquals(0, string.transferred());
    }
  }

  @Test
  void aNullPointerIsCalledOne() {
    BadAddressException refusal =
        assertThrows(BadAddressException.class, () -> memory.readString(0));
    assertTrue(refusal.getMessage().contains("null pointer"), refusal::getMessage);
  }

  @Test
  void aStringIsReadToItsEndOrToTheLimit() {
    assertEquals("known text", memory.readString(text));
    assertEquals("known", memory.readString(text, 5));
    assertEquals("", memory.readString(text, 0));
    assertEquals("known text", memory.readString(text, 10));
    assertEquals("known text", memory.readString(text, 1_000_000));
    assertEquals("", memory.readString(base));
  }

  @Test
  void aStringCutByForbiddenMemoryTellsHowMuchWasThere() {
    // The last zero byte of the range is the last multiple of the period.
    int from = (size - 1) / PERIOD * PERIOD + 1;
    int length = size - from;
    BadAddressException refusal =
        assertThrows(BadAddressException.class, () -> memory.readString(base + from));
    assertEquals(base + from, refusal.address());
    assertEquals(length, refusal.transferred());
    assertEquals(length, memory.read(base + from, length).length);
    assertThrows(BadAddressException.class, () -> memory.readString(base + from, length + 1));
  }

  @Test
  void badRangesAreRefused() {
    byte[] into = new byte[10];
    assertThrows(IndexOutOfBoundsException.class, () -> memory.read(base, into, 5, 6));
    assertThrows(IndexOutOfBoundsException.class, () -> memory.read(base, into, -1, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> memory.read(base, into, 0, -1));
    assertThrows(NullPointerException.class, () -> memory.read(base, null, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> memory.read(base, -1));
    assertThrows(IllegalArgumentException.class, () -> memory.readString(base, -1));
  }

  @Test
  void severalThreadsReadAtOnce() {
    List<CompletableFuture<Void>> readers =
        IntStream.range(0, 4)
            .mapToObj(
                t ->
                    Background.run(
                        () -> {
                          for (int i = 0; i < 200; i++) {
                            int from = t * 1000 + i;
                            assertArrayEquals(
                                expected(from, 70_000), memory.read(base + from, 70_000));
                          }
                        }))
            .toList();
    readers.forEach(CompletableFuture::join);
  }
}
