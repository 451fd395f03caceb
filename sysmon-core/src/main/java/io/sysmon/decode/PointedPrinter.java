package io.sysmon.decode;

import org.jspecify.annotations.Nullable;

/** How what an argument points to is printed, and read as a value. */
@FunctionalInterface
interface PointedPrinter {
  /** Appends what is at the address, or the address when that cannot be read. */
  void print(PrintContext context, Kind kind, long address);

  /** How it is read as a value; null when it is only printed. */
  default @Nullable ValueReader<?> reader() {
    return null;
  }
}
