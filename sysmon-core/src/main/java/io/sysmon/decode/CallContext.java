package io.sysmon.decode;

import io.sysmon.BadAddressException;
import io.sysmon.decode.Kind.Reference;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What decoding works with: the registers and the memory of one call at one of its two stops. */
class CallContext {
  /** {@code PATH_MAX} of the kernel, linux/limits.h. */
  static final int PATH_MAX = 4096;

  /** linux/fcntl.h. */
  static final int AT_FDCWD = -100;

  /** The most bytes that are read for one argument's text. */
  static final int MAX_BYTES = 1 << 20;

  private static final int PAGE = 4096;

  /** Most strings are shorter. */
  private static final int FIRST_READ = 256;

  private static final int MAX_ERRNO = 4095;

  final AbiLayout abi;
  final ConstantSets constants;
  final PendingCall call;

  private final MemoryReader memory;
  private final boolean exiting;
  private final long result;

  /**
   * Takes over what is known of a call.
   *
   * @param register what the call returned, as it is in the register; 0 at the entry
   */
  CallContext(PendingCall call, MemoryReader memory, boolean exiting, long register) {
    this.call = call;
    this.memory = memory;
    this.exiting = exiting;
    abi = call.signature().layout();
    constants = ConstantSets.of(abi);
    long extended = abi.registerSize() == 4 ? (int) register : register;
    boolean error = extended < 0 && extended >= -MAX_ERRNO;
    result = error ? extended : abi.truncate(register);
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

  /** The count or length that a kind refers to, as wide as the kernel looks at it. */
  long count(Kind kind, String key) {
    Reference reference = kind.reference(key);
    if (reference != null && reference.source() == Reference.Source.ARGUMENT) {
      return RegisterValues.number(this, argument(reference.value()));
    }
    return reference(kind, key, 0);
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

  /**
   * The bytes at an address, all of them.
   *
   * @param length as the program says, which may be anything
   * @throws BadAddressException when they cannot be read
   */
  byte[] require(long address, long length) {
    byte[] bytes = new byte[0];
    // Who says two gibibytes seldom has them: room is made for what has been read, times eight.
    while (bytes.length < length && length <= Integer.MAX_VALUE) {
      int count = bytes.length;
      int next = (int) Math.min(length, Math.max(PAGE, 8L * count));
      bytes = Arrays.copyOf(bytes, next);
      int got =
          address == 0 ? 0 : memory.read(abi.truncate(address + count), bytes, count, next - count);
      if (got < next - count) {
        throw unreadable(length + " bytes", address, count + Math.max(0, got));
      }
    }
    if (bytes.length != length) {
      throw unreadable(Long.toUnsignedString(length) + " bytes", address, 0);
    }
    return bytes;
  }

  /**
   * The structure at an address.
   *
   * @throws BadAddressException when it cannot be read
   */
  StructBytes requireStruct(long address, int size) {
    return new StructBytes(require(address, size), 0, abi);
  }

  /**
   * The bytes of a C string without its NUL.
   *
   * @throws BadAddressException when it cannot be read, or has no end in the first mebibyte
   */
  byte[] requireString(long address) {
    byte[] bytes = string(address, MAX_BYTES);
    if (bytes == null || bytes.length == MAX_BYTES) {
      throw unreadable("a string", address, bytes == null ? 0 : bytes.length);
    }
    return bytes;
  }

  BadAddressException unreadable(String what, long address, int count) {
    long shown = abi.truncate(address);
    String message =
        shown == 0
            ? "The pointer is null"
            : "Cannot read " + what + " at 0x" + Long.toHexString(shown);
    return new BadAddressException(message, shown, count);
  }

  /** What a descriptor is, if that is to be told. */
  final String told(int descriptor) {
    return memory.descriptor(descriptor);
  }
}
