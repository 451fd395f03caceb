package io.sysmon.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a program, which may be no text in any charset: names of files and sockets, contents of
 * buffers. Immutable.
 */
public final class Bytes {
  private final byte[] bytes;

  private Bytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Takes over an array that nobody else has. */
  static Bytes owned(byte[] bytes) {
    return new Bytes(bytes);
  }

  /**
   * A copy of a part of an array.
   *
   * @param bytes the array
   * @param offset the index of the first byte
   * @param length how many bytes
   * @return those bytes
   * @throws IndexOutOfBoundsException when the array does not have them
   */
  public static Bytes of(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    return new Bytes(Arrays.copyOfRange(bytes, offset, offset + length));
  }

  /**
   * How many there are.
   *
   * @return 0 or more
   */
  public int length() {
    return bytes.length;
  }

  /**
   * The bytes.
   *
   * @return a copy
   */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /**
   * The bytes as UTF-8.
   *
   * @return the text, with U+FFFD for what is not UTF-8
   */
  public String utf8() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * Whether {@link #utf8()} has all that there is.
   *
   * @return false when there are bytes that are not UTF-8
   */
  public boolean isUtf8() {
    return Arrays.equals(utf8().getBytes(StandardCharsets.UTF_8), bytes);
  }

  /** Appends them as the options of a printing say. */
  void quote(PrintContext context) {
    context.quote(bytes, 0, bytes.length);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Bytes that && Arrays.equals(that.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** A string literal of C, as strace(1) escapes it, whole. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    Quoting.append(out, bytes, 0, bytes.length);
    return out.toString();
  }
}
