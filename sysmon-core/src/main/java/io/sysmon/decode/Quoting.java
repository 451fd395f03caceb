package io.sysmon.decode;

/** Bytes as a C string literal, with strace(1)'s choice of escapes. */
final class Quoting {
  private Quoting() {}

  /** Appends the bytes between quotes. */
  static void append(StringBuilder out, byte[] bytes, int offset, int length) {
    out.append('"');
    int end = offset + length;
    for (int index = offset; index < end; index++) {
      appendByte(out, bytes[index] & 0xff, index + 1 < end ? bytes[index + 1] : 0);
    }
    out.append('"');
  }

  /** Appends the bytes between quotes, each as two hexadecimal digits. */
  static void appendHex(StringBuilder out, byte[] bytes, int offset, int length) {
    out.append('"');
    for (int index = offset; index < offset + length; index++) {
      out.append("\\x");
      out.append(Character.forDigit(bytes[index] >> 4 & 0xf, 16));
      out.append(Character.forDigit(bytes[index] & 0xf, 16));
    }
    out.append('"');
  }

  /** Whether there are only printable ASCII characters and white space. */
  static boolean isPrintable(byte[] bytes, int offset, int length) {
    for (int index = offset; index < offset + length; index++) {
      byte value = bytes[index];
      boolean isSpace = value >= '\t' && value <= '\r';
      if ((value < ' ' && !isSpace) || value == 0x7f) {
        return false;
      }
    }
    return true;
  }

  private static void appendByte(StringBuilder out, int value, int next) {
    switch (value) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\t' -> out.append("\\t");
      case '\n' -> out.append("\\n");
      case 0x0b -> out.append("\\v");
      case '\f' -> out.append("\\f");
      case '\r' -> out.append("\\r");
      default -> {
        if (value >= ' ' && value < 0x7f) {
          out.append((char) value);
        } else {
          appendOctal(out.append('\\'), value, next >= '0' && next <= '7');
        }
      }
    }
  }

  /** With as few digits as the byte needs, or three when a digit follows that C would add to it. */
  private static void appendOctal(StringBuilder out, int value, boolean digitFollows) {
    if (value >= 0100 || digitFollows) {
      out.append((char) ('0' + (value >> 6)));
    }
    if (value >= 010 || digitFollows) {
      out.append((char) ('0' + (value >> 3 & 7)));
    }
    out.append((char) ('0' + (value & 7)));
  }
}
