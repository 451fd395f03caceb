package io.sysmon.internal.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads the numbers of ELF and DWARF, little-endian, and refuses to leave its bytes. */
final class Cursor {
  /** {@code DW_EH_PE_*}: how a pointer is stored, and what it is relative to (LSB, 10.5). */
  private static final int FORMAT = 0x0f;

  private static final int RELATION = 0x70;
  private static final int PC_RELATIVE = 0x10;
  private static final int DATA_RELATIVE = 0x30;
  private static final int MOST_LEB_BITS = 70;

  private final byte[] bytes;
  private final ByteBuffer numbers;
  private final int end;
  private final long address;
  private int position;

  /**
   * A cursor at the beginning of a range.
   *
   * @param address where {@code bytes} begin
   */
  Cursor(byte[] bytes, int begin, int end, long address) {
    this.bytes = bytes;
    this.end = end;
    this.address = address;
    numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    position = begin;
  }

  boolean hasMore() {
    return position < end;
  }

  int position() {
    return position;
  }

  /** The address of the next byte. */
  long address() {
    return address + position;
  }

  /** Moves on, or back. */
  void skip(long count) throws NoUnwindException {
    if (count < -(long) position || count > end - position) {
      throw new NoUnwindException("The end of a section is inside of a number");
    }
    position += (int) count;
  }

  private int advance(int count) throws NoUnwindException {
    int begin = position;
    skip(count);
    return begin;
  }

  /** Takes a range out. */
  Cursor take(long length) throws NoUnwindException {
    int begin = position;
    if (length < 0) {
      throw new NoUnwindException("A length is negative");
    }
    skip(length);
    return new Cursor(bytes, begin, position, address);
  }

  /** The same range again, from where this one is. */
  Cursor copy() {
    return new Cursor(bytes, position, end, address);
  }

  int u8() throws NoUnwindException {
    return bytes[advance(Byte.BYTES)] & 0xff;
  }

  int u16() throws NoUnwindException {
    return numbers.getShort(advance(Short.BYTES)) & 0xffff;
  }

  int s32() throws NoUnwindException {
    return numbers.getInt(advance(Integer.BYTES));
  }

  long u32() throws NoUnwindException {
    return Integer.toUnsignedLong(s32());
  }

  long s64() throws NoUnwindException {
    return numbers.getLong(advance(Long.BYTES));
  }

  /** An offset or a size within a file, which have no upper half of numbers. */
  long size() throws NoUnwindException {
    long size = s64();
    if (size < 0) {
      throw new NoUnwindException("A size is negative");
    }
    return size;
  }

  long uleb() throws NoUnwindException {
    return leb(false);
  }

  long sleb() throws NoUnwindException {
    return leb(true);
  }

  private long leb(boolean signed) throws NoUnwindException {
    long value = 0;
    int shift = 0;
    int next;
    do {
      if (shift >= MOST_LEB_BITS) {
        throw new NoUnwindException("A number has too many digits");
      }
      next = u8();
      value |= shift < Long.SIZE ? (long) (next & 0x7f) << shift : 0;
      shift += 7;
    } while ((next & 0x80) != 0);
    boolean negative = signed && (next & 0x40) != 0 && shift < Long.SIZE;
    return negative ? value | -1L << shift : value;
  }

  /** Up to its NUL. */
  String string() throws NoUnwindException {
    int begin = position;
    int length = 0;
    while (u8() != 0) {
      length++;
    }
    return new String(bytes, begin, length, StandardCharsets.UTF_8);
  }

  /**
   * A pointer as a frame description has it.
   *
   * @param encoding {@code DW_EH_PE_*}
   * @param data what is meant by relative to the data
   */
  long pointer(int encoding, long data) throws NoUnwindException {
    long here = address();
    long value = number(encoding);
    return switch (encoding & RELATION) {
      case 0 -> value;
      case PC_RELATIVE -> value + here;
      case DATA_RELATIVE -> value + data;
      default -> throw new NoUnwindException("A pointer is relative to what is not known");
    };
  }

  /** The same without what it is relative to: a size. */
  long number(int encoding) throws NoUnwindException {
    return switch (encoding & FORMAT) {
      case 0x0, 0x4, 0xc -> s64();
      case 0x1 -> uleb();
      case 0x2 -> u16();
      case 0x3 -> u32();
      case 0x9 -> sleb();
      case 0xa -> (short) u16();
      case 0xb -> s32();
      default -> throw new NoUnwindException("A pointer is of no known format");
    };
  }
}
