package io.sysmon.decode;

import java.util.Map;

/** What a printer works with: one call at one of its two stops. Lives as long as one printing. */
final class PrintContext extends CallContext {
  /** The most elements that are printed of an array when arrays are wanted whole. */
  private static final int MAX_ELEMENTS = 1 << 16;

  final StringBuilder out;
  final FormatOptions options;

  private PrintContext(
      FormatOptions options,
      PendingCall call,
      MemoryReader memory,
      StringBuilder out,
      boolean exiting,
      long result) {
    super(call, memory, exiting, result);
    this.options = options;
    this.out = out;
  }

  static PrintContext entering(
      FormatOptions options, PendingCall call, MemoryReader memory, StringBuilder out) {
    return new PrintContext(options, call, memory, out, false, 0);
  }

  static PrintContext exiting(
      FormatOptions options,
      PendingCall call,
      MemoryReader memory,
      StringBuilder out,
      long result) {
    return new PrintContext(options, call, memory, out, true, result);
  }

  /** Whether an array ends in {@code ...} before the element with that index. */
  boolean isAbbreviatedAt(long index) {
    return index == (options.isVerbose() ? MAX_ELEMENTS : options.stringLimit());
  }

  /** Appends bytes as a string, as the options say. */
  void quote(byte[] bytes, int offset, int length) {
    boolean hex =
        switch (options.hexStrings()) {
          case NONE -> false;
          case NOT_PRINTABLE -> !Quoting.isPrintable(bytes, offset, length);
          case ALL -> true;
        };
    if (hex) {
      Quoting.appendHex(out, bytes, offset, length);
    } else {
      Quoting.append(out, bytes, offset, length);
    }
  }

  /** Appends a descriptor, and what it is if that is to be told. */
  void descriptor(int descriptor) {
    out.append(descriptor).append(told(descriptor));
  }

  /** What {@code AT_FDCWD} is, if that is to be told. */
  String currentDirectory() {
    return told(AT_FDCWD);
  }

  /** Appends what a pointer of that kind points to. */
  void printPointed(Kind kind, long address) {
    Printers.ALL.type(kind.type()).print(this, kind, address);
  }

  /** Appends the structure or number at an address. */
  void printPointed(String type, long address) {
    printPointed(new Kind("in", type, Map.of(), type), address);
  }

  /** The same as text of its own. */
  String pointed(Kind kind, long address) {
    int begin = out.length();
    printPointed(kind, address);
    String text = out.substring(begin);
    out.setLength(begin);
    return text;
  }

  /** Appends an address. */
  void address(long address) {
    long value = abi.truncate(address);
    if (value == 0) {
      out.append("NULL");
    } else {
      out.append("0x").append(Long.toHexString(value));
    }
  }

  /** Appends an address that has 64 bits on every ABI. */
  void wideAddress(long address) {
    out.append(address == 0 ? "NULL" : "0x" + Long.toHexString(address));
  }

  /** Appends {@code 0x…}, or {@code 0}. */
  void hex(long value) {
    out.append(value == 0 ? "0" : "0x").append(value == 0 ? "" : Long.toHexString(value));
  }

  void octal(long value) {
    octal(out, value);
  }

  static void octal(StringBuilder out, long value) {
    String digits = Long.toOctalString(value);
    out.append("0".repeat(Math.max(1, 3 - digits.length()))).append(digits);
  }

  void flags(String set, long value) {
    constants.get(set).appendFlags(out, value);
  }

  void constant(String set, long value) {
    constants.get(set).appendValue(out, value);
  }
}
