package io.sysmon.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a C structure, read field by field. Every supported ABI is little-endian.
 *
 * <p>A read outside of the bytes is a programming error of the structure's printer.
 */
final class StructBytes {
  private final ByteBuffer bytes;
  private final int begin;
  private final AbiLayout abi;

  StructBytes(byte[] bytes, int begin, AbiLayout abi) {
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.begin = begin;
    this.abi = abi;
  }

  int u8(int offset) {
    return bytes.get(begin + offset) & 0xff;
  }

  int i16(int offset) {
    return bytes.getShort(begin + offset);
  }

  int u16(int offset) {
    return i16(offset) & 0xffff;
  }

  /** In network byte order. */
  int u16be(int offset) {
    return u8(offset) << 8 | u8(offset + 1);
  }

  int i32(int offset) {
    return bytes.getInt(begin + offset);
  }

  long u32(int offset) {
    return Integer.toUnsignedLong(i32(offset));
  }

  long i64(int offset) {
    return bytes.getLong(begin + offset);
  }

  /** An {@code unsigned long} or a pointer. */
  long word(int offset) {
    return abi.wordSize() == 4 ? u32(offset) : i64(offset);
  }

  /** A {@code long}. */
  long signedWord(int offset) {
    return abi.wordSize() == 4 ? i32(offset) : i64(offset);
  }

  /**
   * A {@code __kernel_long_t}: a {@code long} that is as wide in x32 as in x86_64. Such are times,
   * resource limits and what the system tells of itself.
   */
  long kernelLong(int offset) {
    return abi.registerSize() == 4 ? i32(offset) : i64(offset);
  }

  /** A {@code __kernel_ulong_t}; see {@link #kernelLong}. */
  long kernelUlong(int offset) {
    return abi.registerSize() == 4 ? u32(offset) : i64(offset);
  }

  /** The bits of a set of constants. */
  Flags flags(String set, long value) {
    return new Flags(value, set, abi);
  }

  /** A part of the bytes. */
  Bytes bytes(int offset, int length) {
    return Bytes.of(bytes.array(), begin + offset, length);
  }

  /** A string in a field, which ends at a NUL or with the field. */
  Bytes string(int offset, int size) {
    int length = 0;
    while (length < size && u8(offset + length) != 0) {
      length++;
    }
    return bytes(offset, length);
  }

  AbiLayout abi() {
    return abi;
  }

  byte[] array() {
    return bytes.array();
  }

  int begin() {
    return begin;
  }
}
