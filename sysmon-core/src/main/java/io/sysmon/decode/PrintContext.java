package io.sysmon.decode;

import io.sysmon.decode.Kind.Reference;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a printer works with: one call at one of its two stops. Lives as long as one printing. */
final class PrintContext {
  /** {@code PATH_MAX} of the kernel, linux/limits.h. */
  static final int PATH_MAX = 4096;

  /** linux/fcntl.h. */
  static final int AT_FDCWD = -100;

  /** The most bytes that are read for one argument. */
  static final int MAX_BYTES = 1 << 20;

  private static final int PAGE = 4096;

  /** Most strings are shorter. */
  private static final int FIRST_READ = 256;

  private static final int MAX_ERRNO = 4095;

  final StringBuilder out;
  final FormatOptions options;
  final AbiLayout abi;
  final ConstantSets constants;
  final PendingCall call;

  private final MemoryReader memory;
  private final boolean exiting;
  private final long result;

  private PrintContext(
      FormatOptions options,
      PendingCall call,
      MemoryReader memory,
      StringBuilder out,
      boolean exiting,
      long result) {
    this.options = options;
    this.call = call;
    this.memory = memory;
    this.out = out;
    this.exiting = exiting;
    this.result = result;
    abi = call.signature().layout();
    constants = ConstantSets.of(abi);
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
    AbiLayout abi = call.signature().layout();
    long extended = abi.registerSize() == 4 ? (int) result : result;
    boolean error = extended < 0 && extended >= -MAX_ERRNO;
    return new PrintContext(
        options, call, memory, out, true, error ? extended : abi.truncate(result));
  }

  boolean isExiting() {
    return exiting;
  }

  /** What the call returned; minus the errno when it failed. */
  long result() {
    return result;
  }

  /** The error number; 0 at the entry, and when the call succeeded. */
  int errno() {
    return result < 0 && result >= -MAX_ERRNO ? (int) -result : 0;
  }

  boolean failed() {
    return errno() != 0;
  }

  /** The register of an argument: 64 bits, of which a 32-bit ABI has the low half. */
  long register(Argument argument) {
    return call.register(argument.register());
  }

  /** The register after the (first) one of an argument; 0 when there is none. */
  long nextRegister(Argument argument) {
    int next = argument.register() + 1;
    return next < PendingCall.REGISTERS ? call.register(next) : 0;
  }

  int intValue(Argument argument) {
    return (int) register(argument);
  }

  /** A word with its sign. */
  long signedWord(Argument argument) {
    return abi.registerSize() == 4 ? intValue(argument) : register(argument);
  }

  /** A 64-bit value, from one register or from two. */
  long wideValue(Argument argument) {
    return abi.registerSize() == 8
        ? register(argument)
        : register(argument) | nextRegister(argument) << 32;
  }

  Argument argument(int index) {
    return call.signature().arguments().get(index);
  }

  /** The value that a kind refers to; {@code otherwise} when it refers to none. */
  long reference(Kind kind, String key, long otherwise) {
    Reference reference = kind.reference(key);
    if (reference == null) {
      return otherwise;
    }
    return switch (reference.source()) {
      case ARGUMENT -> register(argument(reference.value()));
      case RESULT -> result;
      default -> reference.value();
    };
  }

  /** The bytes at an address, as many as can be read. */
  byte[] readable(long address, int length) {
    byte[] bytes = new byte[Math.max(0, Math.min(length, MAX_BYTES))];
    int count = Math.max(0, memory.read(abi.truncate(address), bytes, 0, bytes.length));
    return count >= bytes.length ? bytes : Arrays.copyOf(bytes, count);
  }

  /** The bytes at an address; null when not all of them can be read. */
  byte @Nullable [] bytes(long address, int length) {
    if (address == 0 || length < 0 || length > MAX_BYTES) {
      return null;
    }
    byte[] bytes = readable(address, length);
    return bytes.length == length ? bytes : null;
  }

  /** The structure at an address; null when it cannot be read. */
  @Nullable StructBytes struct(long address, int size) {
    byte[] bytes = bytes(address, size);
    return bytes == null ? null : new StructBytes(bytes, 0, abi);
  }

  /**
   * A C string without its NUL, cut after {@code limit} bytes; null when memory ends before.
   *
   * @param limit the most bytes to return
   */
  byte @Nullable [] string(long address, int limit) {
    if (address == 0) {
      return null;
    }
    int most = Math.max(0, Math.min(limit, MAX_BYTES));
    byte[] bytes = new byte[Math.min(most, FIRST_READ)];
    int count = 0;
    while (count < most) {
      if (count == bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.min(most, bytes.length * 8));
      }
      int toPageEnd = PAGE - (int) ((address + count) & (PAGE - 1));
      int wanted = Math.min(bytes.length - count, toPageEnd);
      int got = memory.read(abi.truncate(address + count), bytes, count, wanted);
      for (int index = count; index < count + got; index++) {
        if (bytes[index] == 0) {
          return Arrays.copyOf(bytes, index);
        }
      }
      if (got < wanted) {
        return null;
      }
      count += got;
    }
    return bytes;
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
    out.append(descriptor).append(memory.descriptor(descriptor));
  }

  /** What {@code AT_FDCWD} is, if that is to be told. */
  String currentDirectory() {
    return memory.descriptor(AT_FDCWD);
  }

  /** Appends what a pointer of that kind points to. */
  void printPointed(Kind kind, long address) {
    Printers.ALL.type(kind.type()).print(this, kind, address);
  }

  /** Appends the structure or number at an address. */
  void printPointed(String type, long address) {
    printPointed(new Kind("in", type, Map.of(), type), address);
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

  /** Appends {@code 0x…}, or {@code 0}. */
  void hex(long value) {
    out.append(value == 0 ? "0" : "0x").append(value == 0 ? "" : Long.toHexString(value));
  }

  void octal(long value) {
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
