package io.sysmon.decode;

import java.util.ArrayList;
import java.util.List;

/**
 * A control message of a socket, cmsg(3).
 *
 * <pre>{@code
 * cmsg_len (a word)  cmsg_level:4  cmsg_type:4  data        each message aligned to a word
 * }</pre>
 *
 * @param claimed the length that the message says it has, head included, unsigned
 * @param level {@code SOL_SOCKET} and so on
 * @param type its number at that level, such as {@code SCM_RIGHTS}, 1
 * @param data as much as there is
 */
public record ControlMessage(long claimed, Constant level, int type, Bytes data) {
  static final int SCM_RIGHTS = 1;
  static final int SCM_CREDENTIALS = 2;

  private static final int SOL_SOCKET = 1;

  static int headSize(AbiLayout abi) {
    return abi.wordSize() + 8;
  }

  /** The messages in a buffer, of which the last one may be cut. */
  static List<ControlMessage> all(byte[] buffer, AbiLayout abi) {
    int word = abi.wordSize();
    int head = headSize(abi);
    List<ControlMessage> messages = new ArrayList<>();
    int offset = 0;
    while (offset + head <= buffer.length) {
      StructBytes message = new StructBytes(buffer, offset, abi);
      int left = buffer.length - offset;
      long claimed = message.word(0);
      int size = claimed < head || claimed > left ? left : (int) claimed;
      messages.add(
          new ControlMessage(
              claimed,
              Constant.ofInt(message.i32(word), "socket_level", abi),
              message.i32(word + 4),
              message.bytes(head, size - head)));
      offset += (size + word - 1) / word * word;
    }
    return List.copyOf(messages);
  }

  /** Whether it is one of those of unix(7) and others that do not depend on the protocol. */
  boolean isOfSocket() {
    return level.value() == SOL_SOCKET;
  }

  /**
   * The descriptors that are passed, of {@code SCM_RIGHTS}.
   *
   * @return the sender's numbers at an entry of sendmsg(2), the receiver's at an exit of
   *     recvmsg(2); empty for another message
   */
  public List<Integer> descriptors() {
    if (!isOfSocket() || type != SCM_RIGHTS) {
      return List.of();
    }
    StructBytes numbers = new StructBytes(data.toByteArray(), 0, AbiLayout.X86_64);
    List<Integer> descriptors = new ArrayList<>();
    for (int offset = 0; offset + 4 <= data.length(); offset += 4) {
      descriptors.add(numbers.i32(offset));
    }
    return List.copyOf(descriptors);
  }
}
