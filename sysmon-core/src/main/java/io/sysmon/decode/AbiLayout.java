package io.sysmon.decode;

/** What decoding must know of an ABI. */
enum AbiLayout {
  X86_64("x86_64", 8, 8),
  I386("i386", 4, 4),
  X32("x32", 4, 8),
  AARCH64("aarch64", 8, 8),
  ARM("arm", 4, 4);

  private final String label;
  private final int wordSize;
  private final int registerSize;

  AbiLayout(String label, int wordSize, int registerSize) {
    this.label = label;
    this.wordSize = wordSize;
    this.registerSize = registerSize;
  }

  /** The name that {@code io.sysmon.Abi} and the table have for it. */
  String label() {
    return label;
  }

  /** The bytes of a pointer and of a {@code long} in memory. */
  int wordSize() {
    return wordSize;
  }

  /** The bytes of an argument register. */
  int registerSize() {
    return registerSize;
  }

  /** A value as it is in a register of this ABI, without what the register cannot hold. */
  long truncate(long register) {
    return registerSize == 4 ? register & 0xffff_ffffL : register;
  }
}
