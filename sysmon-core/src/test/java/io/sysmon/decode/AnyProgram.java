package io.sysmon.decode;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Provide;

/** What programs may pass to the kernel: anything. */
abstract class AnyProgram {
  static final List<String> ABIS = List.of("x86_64", "i386", "x32", "aarch64", "arm");

  private static final int MEMORY_SIZE = 8192;

  /** Memory that has the bytes again and again. */
  static FakeMemory filledWith(byte[] bytes) {
    FakeMemory mapped = new FakeMemory(MEMORY_SIZE);
    for (int offset = 0; offset + bytes.length <= MEMORY_SIZE; offset += bytes.length) {
      mapped.put(offset, bytes);
    }
    return mapped;
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
            .map(AnyProgram::eightBytes);
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
