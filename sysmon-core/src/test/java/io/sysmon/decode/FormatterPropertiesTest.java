package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.decode.FormatOptions.HexStrings;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever a program passes to the kernel, a line comes out. */
class FormatterPropertiesTest {
  private static final List<String> ABIS = List.of("x86_64", "i386", "x32", "aarch64", "arm");
  private static final int MEMORY_SIZE = 8192;

  @Property(tries = 300)
  void everyCallOfEveryAbiIsPrinted(
      @ForAll("registers") long[] registers,
      @ForAll("memories") byte[] memory,
      @ForAll("results") long result,
      @ForAll @IntRange(max = 100) int limit,
      @ForAll HexStrings hex,
      @ForAll boolean verbose) {
    FakeMemory mapped = new FakeMemory(MEMORY_SIZE);
    for (int offset = 0; offset + memory.length <= MEMORY_SIZE; offset += memory.length) {
      mapped.put(offset, memory);
    }
    SyscallFormatter formatter = new SyscallFormatter(new FormatOptions(limit, hex, verbose));
    for (String abi : ABIS) {
      SyscallNumbers numbers = SyscallTable.get().abi(abi);
      for (SyscallSignature call : numbers.all()) {
        print(formatter, call, registers, mapped, result);
      }
      print(formatter, numbers.byNumber(registers[0]), registers, mapped, result);
    }
  }

  private static void print(
      SyscallFormatter formatter,
      SyscallSignature call,
      long[] registers,
      MemoryReader memory,
      long result) {
    StringBuilder out = new StringBuilder();
    PendingCall pending = formatter.enter(call, registers, registers[5], memory, out);
    SyscallSignature printedCall = pending.signature();
    int printed = pending.argumentsPrinted();
    assertTrue(printed >= 0 && printed <= printedCall.arguments().size());
    formatter.exit(pending, result, memory, out);
    assertEquals(printedCall.arguments().size(), pending.argumentsPrinted());
    int end = out.length();
    formatter.result(pending, result, memory, out);
    String text = out.toString();
    assertTrue(text.startsWith(printedCall.name() + "("), text);
    assertEquals(')', text.charAt(end - 1), text);
    assertTrue(text.length() > end, text);
    assertTrue(text.chars().allMatch(c -> c >= ' ' && c < 0x7f), text);
  }

  @Property
  void anySignalIsPrinted(@ForAll @Size(128) byte[] siginfo) {
    StringBuilder out = new StringBuilder();
    new SyscallFormatter(FormatOptions.DEFAULT).signal(siginfo, out);
    assertTrue(out.charAt(0) == '{' && out.charAt(out.length() - 1) == '}', out::toString);
  }

  @Provide
  Arbitrary<long[]> registers() {
    Arbitrary<Long> address = Arbitraries.longs().between(-16, MEMORY_SIZE + 16);
    return Arbitraries.oneOf(
            address.map(offset -> FakeMemory.BASE + offset),
            Arbitraries.longs().between(-5, 70),
            Arbitraries.longs(),
            Arbitraries.longs().between(0, 64).map(bit -> 1L << bit))
        .array(long[].class)
        .ofSize(6);
  }

  /** Small words and addresses, so that structures point somewhere. */
  @Provide
  Arbitrary<byte[]> memories() {
    Arbitrary<Byte> any = Arbitraries.bytes();
    Arbitrary<Byte> small = Arbitraries.bytes().between((byte) 0, (byte) 20);
    Arbitrary<byte[]> pointers =
        Arbitraries.integers()
            .between(0, MEMORY_SIZE)
            .map(offset -> new FakeMemory(8).i64(0, FakeMemory.BASE + offset))
            .map(FormatterPropertiesTest::eightBytes);
    return Arbitraries.oneOf(
        any.array(byte[].class).ofMinSize(1).ofMaxSize(512),
        small.array(byte[].class).ofMinSize(1).ofMaxSize(64),
        pointers);
  }

  private static byte[] eightBytes(FakeMemory memory) {
    byte[] bytes = new byte[8];
    memory.read(FakeMemory.BASE, bytes, 0, 8);
    return bytes;
  }

  @Provide
  Arbitrary<Long> results() {
    return Arbitraries.oneOf(
        Arbitraries.longs().between(-600, 600), Arbitraries.longs(), Arbitraries.just(0L));
  }
}
