package io.sysmon.examples;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The addresses of sockets by their inodes, as strace(1) writes them, from {@code /proc/PID/net} of
 * proc_pid_net(5). Sockets that have no address yet are not there, nor is who a UNIX socket is
 * connected with.
 */
final class SocketNames {
  private static final int INET_INODE = 9;
  private static final int NETLINK_INODE = 9;
  private static final int UNIX_INODE = 6;
  private static final int UNIX_PATH = 7;
  private static final Map<String, String> UNIX_TYPES =
      Map.of("0001", "STREAM", "0002", "DGRAM", "0005", "SEQPACKET");

  /** linux/netlink.h. */
  private static final Map<String, String> NETLINK_PROTOCOLS =
      Map.of(
          "0", "ROUTE",
          "4", "SOCK_DIAG",
          "6", "XFRM",
          "9", "AUDIT",
          "10", "FIB_LOOKUP",
          "12", "NETFILTER",
          "15", "KOBJECT_UEVENT",
          "16", "GENERIC");

  private SocketNames() {}

  /**
   * Finds a socket.
   *
   * @param process {@code /proc/PID/}
   * @return such as {@code TCP:[127.0.0.1:80->127.0.0.1:40000]}
   */
  static Optional<String> find(String process, long inode) throws IOException {
    String number = Long.toString(inode);
    for (String protocol : List.of("TCP", "UDP", "TCPv6", "UDPv6")) {
      String file = protocol.toLowerCase(Locale.ROOT).replace("v", "");
      Optional<String[]> fields = line(process + "net/" + file, INET_INODE, number);
      if (fields.isPresent()) {
        return Optional.of(protocol + ":[" + addresses(fields.get()) + "]");
      }
    }
    Optional<String[]> unix = line(process + "net/unix", UNIX_INODE, number);
    if (unix.isPresent()) {
      return unix.map(SocketNames::unix);
    }
    return line(process + "net/netlink", NETLINK_INODE, number).map(SocketNames::netlink);
  }

  private static Optional<String[]> line(String file, int column, String inode) throws IOException {
    Path path = Path.of(file);
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(path)) {
      return lines
          .map(line -> line.trim().split(" +", -1))
          .filter(fields -> fields.length > column && fields[column].equals(inode))
          .findFirst();
    }
  }

  private static String addresses(String[] fields) {
    String local = address(fields[1]);
    return fields[2].endsWith(":0000") ? local : local + "->" + address(fields[2]);
  }

  /** {@code 0100007F:0050}: words of 32 bits in the order of this machine, and the port. */
  private static String address(String field) {
    int colon = field.indexOf(':');
    ByteBuffer bytes = ByteBuffer.allocate(colon / 2).order(ByteOrder.nativeOrder());
    for (int i = 0; i < colon; i += 8) {
      bytes.putInt(Integer.parseUnsignedInt(field.substring(i, i + 8), 16));
    }
    int port = Integer.parseInt(field.substring(colon + 1), 16);
    String host = host(bytes.array());
    return (bytes.capacity() == 4 ? host : "[" + host + "]") + ":" + port;
  }

  private static String host(byte[] address) {
    try {
      InetAddress host = InetAddress.getByAddress(address);
      if (host instanceof Inet4Address) {
        return (address.length == 4 ? "" : "::ffff:") + host.getHostAddress();
      }
      String text = host.getHostAddress();
      for (int zeros = 8; zeros > 1; zeros--) {
        String shorter = text.replaceFirst("(^|:)0(:0){" + (zeros - 1) + "}(:|$)", "::");
        if (!shorter.equals(text)) {
          return shorter;
        }
      }
      return text;
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("No address has " + address.length + " bytes", e);
    }
  }

  private static String unix(String[] fields) {
    String type = UNIX_TYPES.getOrDefault(fields[4], fields[4]);
    String path = fields.length > UNIX_PATH ? fields[UNIX_PATH] : "";
    String told = path.startsWith("@") ? ",@\"" + path.substring(1) + '"' : ",\"" + path + '"';
    return "UNIX-" + type + ":[" + fields[UNIX_INODE] + (path.isEmpty() ? "" : told) + "]";
  }

  private static String netlink(String[] fields) {
    String protocol = NETLINK_PROTOCOLS.getOrDefault(fields[1], fields[1]);
    return "NETLINK:[" + protocol + ":" + fields[2] + "]";
  }
}
