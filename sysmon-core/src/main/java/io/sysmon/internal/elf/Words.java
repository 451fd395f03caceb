package io.sysmon.internal.elf;

/** The memory that frames lie in. */
@FunctionalInterface
public interface Words {
  /**
   * Reads eight bytes.
   *
   * @throws NoUnwindException when they cannot be read
   */
  long word(long address) throws NoUnwindException;
}
