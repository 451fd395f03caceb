package io.sysmon.decode;

/** How what an argument points to is printed. */
@FunctionalInterface
interface PointedPrinter {
  /** Appends what is at the address, or the address when that cannot be read. */
  void print(PrintContext context, Kind kind, long address);
}
