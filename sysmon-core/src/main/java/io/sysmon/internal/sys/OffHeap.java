package io.sysmon.internal.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One direct buffer and its address, for what native calls fill and read. Used by one thread.
 *
 * <p>A direct {@link ByteBuffer} and not {@code jnr.ffi.Pointer}: on JDK 23 and later each {@code
 * Pointer.getLong} is a JNI call.
 */
public final class OffHeap {
  private final ByteBuffer buffer;
  private final long address;

  /** Allocates {@code size} zeroed bytes, freed when this object is collected. */
  public OffHeap(int size) {
    buffer = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    address = Native.addressOf(buffer);
  }

  /** The bytes, in the machine's byte order; absolute access only. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** The native address of the byte at {@code offset}. */
  public long address(int offset) {
    return address + offset;
  }

  /** How many bytes there are. */
  public int size() {
    return buffer.capacity();
  }
}
