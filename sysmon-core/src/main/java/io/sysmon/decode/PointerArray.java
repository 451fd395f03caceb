package io.sysmon.decode;

import org.jspecify.annotations.Nullable;

/** An array of pointers that ends with a null pointer, read in ascending order. */
final class PointerArray {
  /** Pointers that are read at once. */
  private static final int CHUNK = 64;

  private final CallContext context;
  private final long address;
  private final int pointerSize;
  private int chunkBegin;
  private int chunkLength;
  private @Nullable StructBytes chunk;

  PointerArray(CallContext context, long address) {
    this.context = context;
    this.address = address;
    pointerSize = context.abi.wordSize();
  }

  boolean isReadable(int index) {
    return chunk(index) != null;
  }

  /** Whether this is the null pointer at the end. */
  boolean endsAt(int index) {
    return isReadable(index) && get(index) == 0;
  }

  /** The pointer; 0 when it cannot be read. */
  long get(int index) {
    StructBytes bytes = chunk(index);
    return bytes == null ? 0 : bytes.word((index - chunkBegin) * pointerSize);
  }

  long addressOf(int index) {
    return address + (long) index * pointerSize;
  }

  private @Nullable StructBytes chunk(int index) {
    if (chunk == null || index < chunkBegin || index >= chunkBegin + chunkLength) {
      byte[] bytes =
          address == 0 ? new byte[0] : context.readable(addressOf(index), CHUNK * pointerSize);
      chunkBegin = index;
      chunkLength = bytes.length / pointerSize;
      chunk = chunkLength == 0 ? null : new StructBytes(bytes, 0, context.abi);
    }
    return chunk;
  }
}
