package io.sysmon.socket;

import io.sysmon.internal.sys.SocketDiag;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What sock_diag(7) tells of a socket as text.
 *
 * <pre>{@code
 * struct unix_diag_msg { __u8 family, type, state, pad; __u32 ino; __u32 cookie[2]; }     16 bytes
 *   and attributes: { __u16 length, type; the value; } to a multiple of 4
 * struct inet_diag_msg { __u8 family, state, timer, retrans;
 *   struct { __be16 sport, dport; __be32 src[4], dst[4]; ... } id; ... }          4, 6, 8, 24
 * struct netlink_diag_msg { __u8 family, type, protocol, state; __u32 portid; ... }     2, 4
 * }</pre>
 */
final class DiagText {
  private static final int UNIX_INODE_OFFSET = 4;
  private static final int UNIX_ATTRIBUTES_OFFSET = 16;
  private static final int ATTRIBUTE_HEADER = 4;
  private static final int UNIX_DIAG_NAME = 0;
  private static final int UNIX_DIAG_PEER = 2;
  private static final int INET_SPORT_OFFSET = 4;
  private static final int INET_DPORT_OFFSET = 6;
  private static final int INET_SRC_OFFSET = 8;
  private static final int INET_DST_OFFSET = 24;
  private static final int NETLINK_PROTOCOL_OFFSET = 2;
  private static final int NETLINK_PORT_OFFSET = 4;

  private DiagText() {}

  /**
   * What strace(1) writes between the brackets.
   *
   * @param message what {@link SocketDiag#find} has found
   * @return empty when it says no more than the inode does
   */
  static Optional<String> of(ByteBuffer message) {
    int family = message.get(0);
    return switch (family) {
      case SocketDiag.AF_UNIX -> unix(message);
      case SocketDiag.AF_INET -> Optional.of(inet(message, 4));
      case SocketDiag.AF_INET6 -> Optional.of(inet(message, 16));
      case SocketDiag.AF_NETLINK ->
          Optional.of(
              AddressText.netlink(
                  message.get(NETLINK_PROTOCOL_OFFSET) & 0xff,
                  message.getInt(NETLINK_PORT_OFFSET)));
      default -> Optional.empty();
    };
  }

  private static Optional<String> unix(ByteBuffer message) {
    String peer = "";
    String name = "";
    int length;
    for (int at = UNIX_ATTRIBUTES_OFFSET;
        at + ATTRIBUTE_HEADER <= message.capacity();
        at += (length + 3) & ~3) {
      length = message.getShort(at) & 0xffff;
      if (length < ATTRIBUTE_HEADER || at + length > message.capacity()) {
        break;
      }
      int value = at + ATTRIBUTE_HEADER;
      int type = message.getShort(at + 2);
      // A peer that no process has accepted, or has still open, has no inode.
      if (type == UNIX_DIAG_PEER && message.getInt(value) != 0) {
        peer = "->" + Integer.toUnsignedString(message.getInt(value));
      } else if (type == UNIX_DIAG_NAME && length > ATTRIBUTE_HEADER) {
        boolean isAbstract = message.get(value) == 0;
        int begin = isAbstract ? value + 1 : value;
        name = AddressText.unix(bytes(message, begin, at + length - begin), isAbstract);
      }
    }
    String inode = Integer.toUnsignedString(message.getInt(UNIX_INODE_OFFSET));
    return peer.isEmpty() && name.isEmpty() ? Optional.empty() : Optional.of(inode + peer + name);
  }

  private static String inet(ByteBuffer message, int size) {
    return AddressText.connection(
        address(message, INET_SRC_OFFSET, size, INET_SPORT_OFFSET),
        address(message, INET_DST_OFFSET, size, INET_DPORT_OFFSET));
  }

  /** The port is in the order of the network. */
  private static InetSocketAddress address(ByteBuffer message, int offset, int size, int port) {
    int number = (message.get(port) & 0xff) << 8 | (message.get(port + 1) & 0xff);
    return AddressText.inet(bytes(message, offset, size), number);
  }

  private static byte[] bytes(ByteBuffer message, int offset, int length) {
    byte[] bytes = new byte[length];
    message.get(offset, bytes);
    return bytes;
  }
}
