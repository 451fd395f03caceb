package io.sysmon.internal.elf;

/** A part of a file. */
final class Section {
  private final long address;
  private final byte[] bytes;

  /**
   * A part.
   *
   * @param address where it is mapped, if the file is mapped at its own addresses
   * @param bytes what it holds; not copied
   */
  Section(long address, byte[] bytes) {
    this.address = address;
    this.bytes = bytes;
  }

  long address() {
    return address;
  }

  int size() {
    return bytes.length;
  }

  Cursor cursor() {
    return new Cursor(bytes, 0, bytes.length, address);
  }

  /** A cursor at an address. */
  Cursor at(long where) throws NoUnwindException {
    long offset = where - address;
    if (offset < 0 || offset > bytes.length) {
      throw new NoUnwindException("An address is outside of its section");
    }
    Cursor cursor = cursor();
    cursor.skip(offset);
    return cursor;
  }
}
