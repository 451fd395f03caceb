package io.sysmon.spi;

import java.util.List;
import java.util.Objects;

/**
 * How the frame descriptions of programs ({@code .eh_frame}) number a CPU's registers: the DWARF
 * part of its ABI. Immutable.
 *
 * @param names the registers by their numbers, as {@link RegisterLayout} names them; further ones,
 *     such as vectors, are not needed to find a caller
 * @param stackPointer the number of the stack pointer
 * @param framePointer the number of the frame pointer; where it points, the caller's one and the
 *     return address lie
 * @param addressMask the bits of a return address that are the address; others may be its signature
 */
public record DwarfRegisters(
    List<String> names, int stackPointer, int framePointer, long addressMask) {
  /**
   * Copies the names.
   *
   * @throws IndexOutOfBoundsException when a pointer is none of them
   */
  public DwarfRegisters {
    names = List.copyOf(names);
    Objects.checkIndex(stackPointer, names.size());
    Objects.checkIndex(framePointer, names.size());
  }
}
