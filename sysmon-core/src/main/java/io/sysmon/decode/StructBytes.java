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

  byte[] array() {
    return bytes.array();
  }

  int begin() {
    return begin;
  }
}
