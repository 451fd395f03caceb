package io.sysmon;

import java.util.List;

/**
 * Reads and writes a tracee's memory. Addresses are the tracee's; negative {@code long}s are the
 * upper half of the address space. Numbers are in the machine's byte order and need not be aligned.
 *
 * <p>Reading is one process_vm_readv(2) for a range and, in most cases, for a string. Writing is
 * one process_vm_writev(2); pages that the tracee itself may not write (string literals, code) are
 * written by {@code PTRACE_POKEDATA}, which makes a private copy of the page. That second road, and
 * the four accessors named after ptrace(2), need a stopped task: they work for the memory of a
 * view, in its callback, and not for that of a {@link TraceeHandle}.
 */
public interface TraceeMemory {
  /** The most bytes that {@link #readString(long)} reads: the kernel's {@code MAX_ARG_STRLEN}. */
  int MAX_STRING = 131_072;

  /**
   * Reads as much of a range as can be read.
   *
   * @param address where it begins
   * @param into where the bytes go
   * @param offset the first index in {@code into}
   * @param length how many bytes
   * @return how many bytes from the beginning of the range were read; less than {@code length} when
   *     the rest is not mapped or not readable, 0 when nothing is
   * @throws IndexOutOfBoundsException when the part of {@code into} does not exist
   * @throws TraceeDiedException when the tracee has ended
   */
  int read(long address, byte[] into, int offset, int length);

  /**
   * Reads a whole range.
   *
   * @param address where it begins
   * @param length how many bytes
   * @return the bytes
   * @throws BadAddressException when not all of it can be read; it tells how much could
   * @throws TraceeDiedException when the tracee has ended
   */
  byte[] read(long address, int length);

  /**
   * Reads a C string: the bytes before the first NUL, as UTF-8 (malformed bytes become U+FFFD).
   *
   * @param address where it begins
   * @return the string
   * @throws BadAddressException when it cannot be read, or has no NUL within {@link #MAX_STRING}
   *     bytes
   * @throws TraceeDiedException when the tracee has ended
   */
  String readString(long address);

  /**
   * Reads the beginning of a C string.
   *
   * @param address where it begins
   * @param maxBytes where to cut, in bytes
   * @return the string, or its first {@code maxBytes} bytes
   * @throws BadAddressException when it cannot be read up to its NUL or {@code maxBytes}
   * @throws TraceeDiedException when the tracee has ended
   */
  String readString(long address, int maxBytes);

  /**
   * Reads a byte.
   *
   * @param address where it is
   * @return the byte
   * @throws BadAddressException when it cannot be read
   */
  default byte readByte(long address) {
    return read(address, 1)[0];
  }

  /**
   * Reads four bytes.
   *
   * @param address where they are
   * @return the number
   * @throws BadAddressException when they cannot be read
   */
  int readInt(long address);

  /**
   * Reads eight bytes.
   *
   * @param address where they are
   * @return the number
   * @throws BadAddressException when they cannot be read
   */
  long readLong(long address);

  /**
   * Reads an array of pointers to strings that ends with a null pointer, such as an argv.
   *
   * @param address where the array begins
   * @return the strings
   * @throws BadAddressException when the array or a string cannot be read
   */
  List<String> readStrings(long address);

  /**
   * Reads an array of {@code struct iovec} (readv(2)).
   *
   * @param address where the array begins
   * @param count how many elements
   * @return the ranges
   * @throws BadAddressException when the array cannot be read
   */
  List<Iovec> readIovec(long address, int count);

  /**
   * Writes bytes.
   *
   * @param address where they go
   * @param bytes what to write
   * @throws BadAddressException when not all could be written; {@link
   *     BadAddressException#transferred()} says exactly how many bytes from the beginning were. So
   *     it is also with a page that the tracee may not write, when no task is stopped for this
   *     accessor
   * @throws TraceeDiedException when the tracee has ended
   */
  void write(long address, byte[] bytes);

  /**
   * Writes a byte; as {@link #write(long, byte[])}.
   *
   * @param address where it goes
   * @param value what to write
   */
  default void writeByte(long address, byte value) {
    write(address, new byte[] {value});
  }

  /**
   * Writes four bytes; as {@link #write(long, byte[])}.
   *
   * @param address where they go
   * @param value the number
   */
  void writeInt(long address, int value);

  /**
   * Writes eight bytes; as {@link #write(long, byte[])}.
   *
   * @param address where they go
   * @param value the number
   */
  void writeLong(long address, long value);

  /**
   * Overwrites a C string with its NUL. The same-or-shorter rule: it must not be longer, in bytes
   * of UTF-8, than the string that is there.
   *
   * @param address where the string is
   * @param text the new string, without U+0000
   * @throws StringTooLongException when it is longer; nothing was written
   * @throws BadAddressException when there is no string; nothing was written
   */
  void replaceString(long address, String text);

  /**
   * {@code PTRACE_PEEKDATA}: reads a word.
   *
   * @param address where it is
   * @return eight bytes
   * @throws BadAddressException when it is not mapped
   * @throws IllegalTraceeStateException when no task is stopped for this accessor
   */
  long peekData(long address);

  /**
   * {@code PTRACE_POKEDATA}: writes a word, also to a page that the tracee may not write.
   *
   * @param address where it goes
   * @param word eight bytes
   * @throws BadAddressException when it is not mapped
   * @throws IllegalTraceeStateException when no task is stopped for this accessor
   */
  void pokeData(long address, long word);

  /**
   * {@code PTRACE_PEEKTEXT}: on Linux the same as {@link #peekData}.
   *
   * @param address where the word is
   * @return eight bytes
   */
  default long peekText(long address) {
    return peekData(address);
  }

  /**
   * {@code PTRACE_POKETEXT}: on Linux the same as {@link #pokeData}.
   *
   * @param address where the word goes
   * @param word eight bytes
   */
  default void pokeText(long address, long word) {
    pokeData(address, word);
  }

  /**
   * An element of an array of {@code struct iovec}.
   *
   * @param address where the range begins
   * @param length how many bytes
   */
  record Iovec(long address, long length) {}
}
