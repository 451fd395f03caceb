package io.sysmon.monitor;

import io.sysmon.BadAddressException;
import io.sysmon.SyscallEnter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what a call's arguments point to, and has the kernel read the same bytes: a copy of them,
 * which the program's other threads do not know of.
 */
final class CallMemory {
  /** {@code PATH_MAX}, with the NUL. */
  private static final int LONGEST_PATH = 4096;

  /** {@code sizeof(struct sockaddr_storage)}. */
  private static final int LONGEST_ADDRESS = 128;

  private CallMemory() {}

  /** The path that an argument points to. */
  static String path(SyscallEnter call, int index, boolean pinned) {
    byte[] bytes = new byte[LONGEST_PATH];
    int length = call.memory().read(call.arg(index), bytes, 0, bytes.length);
    int end = 0;
    while (end < length && bytes[end] != 0) {
      end++;
    }
    if (end == length) {
      throw new BadAddressException(
          "No path ends within " + length + " bytes", call.arg(index), length);
    }
    if (pinned) {
      call.relocateBytes(index, Arrays.copyOf(bytes, end + 1));
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  /** The bytes that an argument points to. */
  static byte[] bytes(SyscallEnter call, int index, int length, boolean pinned) {
    byte[] bytes = call.bytes(index, length);
    if (pinned) {
      call.relocateBytes(index, bytes);
    }
    return bytes;
  }

  /** The socket address that an argument points to. */
  static Address address(SyscallEnter call, int index, int length, boolean pinned) {
    // With another length the call fails, and the length is in a register.
    return length < 0 || length > LONGEST_ADDRESS
        ? Address.of(new byte[0])
        : Address.of(bytes(call, index, length, pinned));
  }
}
