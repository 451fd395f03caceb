package io.sysmon.decode;

/** Where the bytes come from that arguments point to, and what descriptors are. */
@FunctionalInterface
public interface MemoryReader {
  /** Memory of which nothing can be read. */
  MemoryReader NONE = (address, into, offset, length) -> 0;

  /**
   * Reads as much of a range as can be read. Does not throw on any address.
   *
   * @param address where the range begins; negative in the upper half of the address space
   * @param into where the bytes go
   * @param offset the first index in {@code into}
   * @param length how many bytes
   * @return how many bytes from the beginning of the range were read, 0 when the address is not
   *     mapped
   */
  int read(long address, byte[] into, int offset, int length);

  /**
   * What a descriptor of the calling process is, in the form in which strace(1) tells it behind the
   * number when it is told to ({@code -y}). Does not throw on any number.
   *
   * @param descriptor a descriptor, perhaps one that is not open, or {@code AT_FDCWD}
   * @return such as {@code </etc/passwd>}; empty when it is not known, or not to be told
   */
  default String descriptor(int descriptor) {
    return "";
  }
}
