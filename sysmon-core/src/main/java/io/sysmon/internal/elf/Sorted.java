package io.sysmon.internal.elf;

/** Looks for an address in what is sorted by address. */
final class Sorted {
  private Sorted() {}

  /** The addresses of a sequence. */
  @FunctionalInterface
  interface Addresses {
    long at(int index) throws NoUnwindException;
  }

  /** The index of the last address that is not above another one; -1 when all are. */
  static int floor(int count, Addresses addresses, long wanted) throws NoUnwindException {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(addresses.at(middle), wanted) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }
}
