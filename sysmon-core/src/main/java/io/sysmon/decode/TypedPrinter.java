package io.sysmon.decode;

import org.jspecify.annotations.Nullable;

/**
 * What is printed in its own way, and also read as a value.
 *
 * @param printer appends it
 * @param reader reads it
 */
record TypedPrinter(PointedPrinter printer, @Nullable ValueReader<?> reader)
    implements PointedPrinter {
  @Override
  public void print(PrintContext context, Kind kind, long address) {
    printer.print(context, kind, address);
  }
}
