package io.sysmon.internal.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Asks the kernel about sockets: sock_diag(7), in this JVM's network namespace, and the name that
 * sockfs has for each (net/socket.c). Any thread; nothing is kept open.
 *
 * <pre>{@code
 * struct nlmsghdr { __u32 len; __u16 type, flags; __u32 seq, pid; }              16 bytes
 * struct unix_diag_req { __u8 family, protocol; __u16 pad;
 *   __u32 states, ino, show; __u32 cookie[2]; }                             4, 8, 12, 16
 * struct inet_diag_req_v2 { __u8 family, protocol, ext, pad;
 *   __u32 states; struct inet_diag_sockid id; }                             4, 8 to 56
 * struct netlink_diag_req { __u8 family, protocol; __u16 pad;
 *   __u32 ino, show; __u32 cookie[2]; }                                      4, 8, 12 to 20
 * }</pre>
 */
public final class SocketDiag {
  /** bits/socket.h, as are the others. */
  public static final int AF_UNIX = 1;

  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;
  public static final int AF_NETLINK = 16;

  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_SOCK_DIAG = 4;
  private static final int SOCK_DIAG_BY_FAMILY = 20;
  private static final int NLM_F_REQUEST = 1;
  private static final int NLM_F_DUMP = 0x300;
  private static final int NDIAG_PROTO_ALL = 0xff;
  private static final int UDIAG_SHOW_NAME = 1;
  private static final int UDIAG_SHOW_PEER = 4;
  private static final int MSG_DONTWAIT = 0x40;

  private static final int HEADER = 16;
  private static final int LONGEST_REQUEST = HEADER + 56;
  private static final int NL_TYPE_OFFSET = 4;
  private static final int NL_FLAGS_OFFSET = 6;
  private static final int UNIX_INODE_OFFSET = 4;
  private static final int INET_INODE_OFFSET = 68;
  private static final int NETLINK_INODE_OFFSET = 16;

  /** The kernel makes its answers no longer (NLMSG_GOODSIZE, linux/netlink.h). */
  private static final int ANSWER_SIZE = 8192;

  private static final int NAME_SIZE = 64;

  private final LibC libc = Native.libc();
  private final OffHeap memory = new OffHeap(ANSWER_SIZE);
  private final ByteBuffer bytes = memory.buffer();
  private final int family;
  private final int inode;

  private SocketDiag(int family, long inode) {
    this.family = family;
    this.inode = (int) inode;
  }

  /**
   * What the kernel calls the protocol of a task's socket.
   *
   * @return such as {@code TCPv6}; empty when the descriptor is none, or may not be looked at
   */
  public static Optional<String> protocolName(int tid, int descriptor) {
    byte[] path = ("/proc/" + tid + "/fd/" + descriptor + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] name = "system.sockprotoname\0".getBytes(StandardCharsets.US_ASCII);
    OffHeap memory = new OffHeap(NAME_SIZE + path.length + name.length);
    memory.buffer().put(NAME_SIZE, path);
    memory.buffer().put(NAME_SIZE + path.length, name);
    long pathAddress = memory.address(NAME_SIZE);
    long length =
        Native.libc()
            .getxattr(pathAddress, pathAddress + path.length, memory.address(0), NAME_SIZE);
    if (length <= 0) {
      return Optional.empty();
    }
    byte[] value = new byte[(int) length - 1]; // Without its NUL.
    memory.buffer().get(0, value);
    return Optional.of(new String(value, StandardCharsets.US_ASCII));
  }

  /**
   * What the kernel tells of a socket.
   *
   * @param family one of the constants here
   * @param protocol of IPv4 and IPv6: {@code IPPROTO_TCP} and so on
   * @return {@code struct unix_diag_msg}, {@code inet_diag_msg} or {@code netlink_diag_msg}, by the
   *     family, and its attributes, in the machine's byte order; empty when there is no such socket
   *     in this network namespace, or the kernel does not tell
   */
  public static Optional<ByteBuffer> find(int family, int protocol, long inode) {
    return new SocketDiag(family, inode).find(protocol);
  }

  private Optional<ByteBuffer> find(int protocol) {
    int socket = libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
    if (socket < 0) {
      return Optional.empty();
    }
    try {
      int length = request(protocol);
      return libc.send(socket, memory.address(0), length, 0) == length
          ? answer(socket)
          : Optional.empty();
    } finally {
      libc.close(socket);
    }
  }

  /** Only UNIX sockets can be asked for by their inode; of the others all are told. */
  private int request(int protocol) {
    boolean isUnix = family == AF_UNIX;
    bytes.putShort(NL_TYPE_OFFSET, (short) SOCK_DIAG_BY_FAMILY);
    bytes.putShort(NL_FLAGS_OFFSET, (short) (isUnix ? NLM_F_REQUEST : NLM_F_REQUEST | NLM_F_DUMP));
    bytes.put(HEADER, (byte) family);
    int length;
    if (family == AF_NETLINK) {
      bytes.put(HEADER + 1, (byte) NDIAG_PROTO_ALL);
      length = HEADER + 20;
    } else {
      bytes.putInt(HEADER + 4, -1); // States: all.
      if (isUnix) {
        bytes.putInt(HEADER + 8, inode);
        bytes.putInt(HEADER + 12, UDIAG_SHOW_NAME | UDIAG_SHOW_PEER);
        bytes.putLong(HEADER + 16, -1); // Cookie: any.
        length = HEADER + 24;
      } else {
        bytes.put(HEADER + 1, (byte) protocol);
        length = LONGEST_REQUEST;
      }
    }
    bytes.putInt(0, length);
    return length;
  }

  /** The kernel answers while it takes the request, and goes on whenever something is received. */
  private Optional<ByteBuffer> answer(int socket) {
    int inodeOffset =
        switch (family) {
          case AF_UNIX -> UNIX_INODE_OFFSET;
          case AF_NETLINK -> NETLINK_INODE_OFFSET;
          default -> INET_INODE_OFFSET;
        };
    long received;
    while ((received = receive(socket)) > 0) {
      int length;
      for (int at = 0; at + HEADER <= received; at += (length + 3) & ~3) {
        length = bytes.getInt(at);
        // Neither the end nor an error has an inode.
        if (bytes.getShort(at + NL_TYPE_OFFSET) != SOCK_DIAG_BY_FAMILY
            || length < HEADER + inodeOffset + Integer.BYTES) {
          return Optional.empty();
        }
        if (bytes.getInt(at + HEADER + inodeOffset) == inode) {
          byte[] message = new byte[length - HEADER];
          bytes.get(at + HEADER, message);
          return Optional.of(ByteBuffer.wrap(message).order(ByteOrder.nativeOrder()));
        }
      }
    }
    return Optional.empty();
  }

  private long receive(int socket) {
    long length;
    do {
      length = libc.recv(socket, memory.address(0), ANSWER_SIZE, MSG_DONTWAIT);
    } while (length < 0 && Native.errno() == 4 /* EINTR */);
    return length;
  }
}
