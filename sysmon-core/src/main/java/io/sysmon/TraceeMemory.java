package io.sysmon;

/**
 * Reads a tracee's memory. Addresses are the tracee's; negative {@code long}s are the upper half of
 * the address space.
 *
 * <p>Reading is one process_vm_readv(2) for a range and, in most cases, for a string.
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
}
