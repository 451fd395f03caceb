package io.sysmon.internal.launch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Lays out strings and NULL-terminated arrays of pointers to them, for an address known later. */
final class ArgumentBlock {
  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private final List<Integer> pointers = new ArrayList<>();

  /** Adds a string with its NUL; the result identifies it. */
  int string(byte[] text) {
    int at = strings.size();
    strings.writeBytes(text);
    strings.write(0);
    return at;
  }

  /** Adds an array of pointers to strings; the result is its index among all pointers. */
  int array(List<byte[]> texts) {
    int at = pointers.size();
    for (byte[] text : texts) {
      pointers.add(string(text));
    }
    pointers.add(-1);
    return at;
  }

  /** The size of the laid out block: pointers first, then strings. */
  int size() {
    return pointers.size() * Long.BYTES + strings.size();
  }

  /** The address of a string when the block is at {@code base}. */
  long stringAddress(long base, int string) {
    return base + (long) pointers.size() * Long.BYTES + string;
  }

  /** The address of an array when the block is at {@code base}. */
  long arrayAddress(long base, int array) {
    return base + (long) array * Long.BYTES;
  }

  /** The bytes of the block for {@code base}. */
  byte[] layOut(long base) {
    ByteBuffer block = ByteBuffer.allocate(size()).order(ByteOrder.nativeOrder());
    for (int string : pointers) {
      block.putLong(string < 0 ? 0 : stringAddress(base, string));
    }
    return block.put(strings.toByteArray()).array();
  }
}
