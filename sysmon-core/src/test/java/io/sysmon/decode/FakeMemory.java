package io.sysmon.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A mapped region of a made-up process. */
final class FakeMemory implements MemoryReader {
  static final long BASE = 0x1000_0000L;

  private final ByteBuffer bytes;

  FakeMemory(int size) {
    bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  FakeMemory put(int offset, byte... content) {
    bytes.put(offset, content);
    return this;
  }

  FakeMemory string(int offset, String content) {
    return put(offset, (content + "\0").getBytes(StandardCharsets.UTF_8));
  }

  FakeMemory i32(int offset, int value) {
    bytes.putInt(offset, value);
    return this;
  }

  FakeMemory i64(int offset, long value) {
    bytes.putLong(offset, value);
    return this;
  }

  @Override
  public int read(long address, byte[] into, int offset, int length) {
    long begin = address - BASE;
    if (begin < 0 || begin >= bytes.capacity()) {
      return 0;
    }
    int count = (int) Math.min(length, bytes.capacity() - begin);
    bytes.get((int) begin, into, offset, count);
    return count;
  }
}
