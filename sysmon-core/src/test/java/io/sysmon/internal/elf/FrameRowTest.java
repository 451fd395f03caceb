package io.sysmon.internal.elf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sysmon.spi.DwarfRegisters;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rules for frames, assembled by hand as compilers and linkers write them. */
class FrameRowTest {
  private static final long CODE = 0x1000;
  private static final long SIZE = 0x100;

  /** x86_64: rbp is 6, rsp 7, the return address 16. */
  private static final DwarfRegisters X86 = registers(17, 7, 6, -1);

  /** aarch64: x29, x30 as the return address, sp 31. */
  private static final DwarfRegisters ARM = registers(32, 31, 29, 0x0000_ffff_ffff_ffffL);

  private static DwarfRegisters registers(int count, int stack, int frame, long mask) {
    return new DwarfRegisters(
        IntStream.range(0, count).mapToObj(n -> "r" + n).toList(), stack, frame, mask);
  }

  /** A table of one CIE with data alignment -8 and one FDE with absolute addresses. */
  private static FrameTable table(
      int returnAddress, String augmentation, int[] common, int... own) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream cie = new ByteArrayOutputStream();
    cie.writeBytes(new byte[] {0, 0, 0, 0, 1});
    cie.writeBytes(augmentation.getBytes(StandardCharsets.US_ASCII));
    cie.writeBytes(new byte[] {0, 1, 0x78, (byte) returnAddress});
    if (augmentation.startsWith("z")) {
      cie.write(0);
    }
    for (int each : common) {
      cie.write(each);
    }
    ByteArrayOutputStream fde = new ByteArrayOutputStream();
    fde.writeBytes(numbers(cie.size() + 8, 4));
    fde.writeBytes(numbers(CODE, 8));
    fde.writeBytes(numbers(SIZE, 8));
    if (augmentation.startsWith("z")) {
      fde.write(0);
    }
    for (int each : own) {
      fde.write(each);
    }
    for (ByteArrayOutputStream part : new ByteArrayOutputStream[] {cie, fde}) {
      out.writeBytes(numbers(part.size(), 4));
      out.writeBytes(part.toByteArray());
    }
    return new FrameTable(new Section(0x4000, out.toByteArray()), null);
  }

  private static byte[] numbers(long value, int size) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return Arrays.copyOf(bytes.array(), size);
  }

  /** The CFA is rsp + 8, and the return address below it. */
  private static final int[] X86_COMMON = {0x0c, 7, 8, 0x90, 1};

  private static Words memory(Map<Long, Long> words) {
    return address -> {
      Long word = words.get(address);
      if (word == null) {
        throw new NoUnwindException("Nothing is at " + Long.toHexString(address));
      }
      return word;
    };
  }

  private static Frame frame(DwarfRegisters numbers, long address, Map<Integer, Long> registers) {
    long[] values = new long[numbers.names().size()];
    registers.forEach((number, value) -> values[number] = value);
    return Frame.innermost(numbers, address, values);
  }

  @Test
  void eachRowHoldsFromItsAdvanceOn() throws NoUnwindException {
    // push %rbp at 0, mov %rsp,%rbp at 1, pop %rbp at 0x20.
    int[] own = {0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x5c, 0x0c, 7, 8, 0xc6};
    FrameTable table = table(16, "", X86_COMMON, own);
    Map<Integer, Long> registers = Map.of(6, 0x7100L, 7, 0x7000L);
    Words words = memory(Map.of(0x7000L, 0x11L, 0x7008L, 0x22L, 0x7100L, 0x33L, 0x7108L, 0x44L));
    Frame first = frame(X86, CODE, registers);
    Frame caller = first.caller(table.row(CODE), words);
    assertEquals(0x11, caller.address());
    assertEquals(0x7008, caller.register(7));
    assertEquals(0x7100, caller.register(6));
    Frame pushed = first.caller(table.row(CODE + 1), words);
    assertEquals(0x22, pushed.address());
    assertEquals(0x11, pushed.register(6));
    Frame based = first.caller(table.row(CODE + 4), words);
    assertEquals(0x44, based.address());
    assertEquals(0x33, based.register(6));
    assertEquals(0x7110, based.register(7));
    assertEquals(0x11, first.caller(table.row(CODE + 0x20), words).address());
  }

  @Test
  void codeOutsideOfEachFunctionHasNoRow() {
    FrameTable table = table(16, "", X86_COMMON);
    assertThrows(NoUnwindException.class, () -> table.row(CODE - 1));
    assertThrows(NoUnwindException.class, () -> table.row(CODE + SIZE));
  }

  @Test
  void aPltEntrysCfaDependsOnTheInstructionInIt() throws NoUnwindException {
    // rsp + 8 + ((rip & 15) >= 11) << 3
    int[] own = {0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22};
    FrameTable table = table(16, "", X86_COMMON, own);
    Words words = memory(Map.of(0x7000L, 0x11L, 0x7008L, 0x22L));
    for (long inside : new long[] {0, 6, 10}) {
      Frame frame = frame(X86, CODE + inside, Map.of(7, 0x7000L, 16, CODE + inside));
      assertEquals(0x11, frame.caller(table.row(CODE), words).address());
    }
    Frame pushed = frame(X86, CODE + 11, Map.of(7, 0x7000L, 16, CODE + 11));
    assertEquals(0x22, pushed.caller(table.row(CODE), words).address());
  }

  @Test
  void theCallerOfASignalFrameWasInterruptedAtItsAddress() throws NoUnwindException {
    Words words = memory(Map.of(0x7000L, 0x1234L));
    Frame frame = frame(X86, CODE, Map.of(7, 0x7000L));
    assertEquals(0x1234, frame.caller(table(16, "zS", X86_COMMON).row(CODE), words).codeAddress());
    assertEquals(0x1233, frame.caller(table(16, "z", X86_COMMON).row(CODE), words).codeAddress());
  }

  @Test
  void anUndefinedReturnAddressEndsTheStack() {
    FrameTable table = table(16, "", X86_COMMON, 0x07, 16);
    Frame frame = frame(X86, CODE, Map.of(7, 0x7000L));
    Words words = memory(Map.of(0x7000L, 0x11L));
    assertThrows(NoUnwindException.class, () -> frame.caller(table.row(CODE), words));
  }

  @Test
  void onAarch64ALeafReturnsToItsLinkRegister() throws NoUnwindException {
    FrameTable table = table(30, "", new int[] {0x0c, 31, 0});
    Frame frame = frame(ARM, CODE, Map.of(30, 0x5678L, 31, 0x7000L));
    Frame caller = frame.caller(table.row(CODE), memory(Map.of()));
    assertEquals(0x5678, caller.address());
    assertEquals(0x7000, caller.register(31));
  }

  @Test
  void onAarch64ASignedReturnAddressLosesItsSignature() throws NoUnwindException {
    // paciasp; stp x29, x30, [sp, -16]!
    int[] own = {0x44, 0x2d, 0x44, 0x0e, 16, 0x9d, 2, 0x9e, 1};
    FrameTable table = table(30, "", new int[] {0x0c, 31, 0}, own);
    Frame frame = frame(ARM, CODE + 8, Map.of(31, 0x7000L));
    Words words = memory(Map.of(0x7000L, 0x7100L, 0x7008L, 0x00b4_aaaa_0000_5678L));
    Frame caller = frame.caller(table.row(CODE + 8), words);
    assertEquals(0xaaaa_0000_5678L, caller.address());
    assertEquals(0x7100, caller.register(29));
    assertEquals(0x7010, caller.register(31));
  }

  @Test
  void aFramePointerLeadsToTheCallerOnEitherCpu() throws NoUnwindException {
    Words words = memory(Map.of(0x7010L, 0x7100L, 0x7018L, 0x11L));
    for (DwarfRegisters numbers : new DwarfRegisters[] {X86, ARM}) {
      Frame frame =
          frame(
              numbers,
              CODE,
              Map.of(numbers.framePointer(), 0x7010L, numbers.stackPointer(), 0x7000L));
      Frame caller = frame.callerByFramePointer(words);
      assertEquals(0x11, caller.address());
      assertEquals(0x7020, caller.register(numbers.stackPointer()));
      assertEquals(0x7100, caller.register(numbers.framePointer()));
    }
  }

  @Test
  void whatPointsBelowTheStackOrFarAwayIsNoFramePointer() {
    Words everything = address -> 1;
    for (long pointer : new long[] {0, 0x6ff8, 0x1_0000_0000L, -8}) {
      Frame frame = frame(X86, CODE, Map.of(6, pointer, 7, 0x7000L));
      assertThrows(NoUnwindException.class, () -> frame.callerByFramePointer(everything));
    }
  }

  @Test
  void anExpressionThatDoesNotEndIsGivenUp() {
    // skip -3
    FrameTable table = table(16, "", X86_COMMON, 0x0f, 3, 0x2f, 0xfd, 0xff);
    Frame frame = frame(X86, CODE, Map.of(7, 0x7000L));
    assertThrows(NoUnwindException.class, () -> frame.caller(table.row(CODE), address -> 1));
  }
}
