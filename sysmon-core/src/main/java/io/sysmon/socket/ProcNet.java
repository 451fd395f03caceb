package io.sysmon.socket;

import io.sysmon.internal.sys.SocketDiag;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The addresses of sockets in the network namespace of a task, proc_pid_net(5). Sockets that have
 * no address yet are not there, nor is whom a UNIX socket is connected with.
 */
final class ProcNet {
  private static final int INET_INODE = 9;
  private static final int NETLINK_INODE = 9;
  private static final int UNIX_INODE = 6;
  private static final int UNIX_PATH = 7;

  /** TCP, UDP and UDP-Lite. Of raw sockets and pings, strace(1) tells no address. */
  private static final Set<Integer> PROTOCOLS = Set.of(6, 17, 136);

  private ProcNet() {}

  /** What strace(1) writes between the brackets; empty when it is not there. */
  static Optional<String> find(int tid, Protocol protocol, long inode) {
    Path directory = Path.of("/proc/" + tid + "/net");
    return switch (protocol.family()) {
      case SocketDiag.AF_UNIX ->
          line(directory.resolve("unix"), UNIX_INODE, inode).flatMap(ProcNet::unix);
      case SocketDiag.AF_NETLINK ->
          line(directory.resolve("netlink"), NETLINK_INODE, inode).map(ProcNet::netlink);
      default ->
          PROTOCOLS.contains(protocol.number())
              ? line(directory.resolve(file(protocol)), INET_INODE, inode).map(ProcNet::inet)
              : Optional.empty();
    };
  }

  private static String file(Protocol protocol) {
    return protocol.name().toLowerCase(Locale.ROOT).replace("v6", "6");
  }

  private static Optional<String[]> line(Path file, int column, long inode) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    String number = Long.toString(inode);
    // Names of sockets are no text in any charset.
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines
          .map(line -> line.stripLeading().split(" +", column + 2))
          .filter(fields -> fields.length > column && fields[column].equals(number))
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      // The task has ended.
      return Optional.empty();
    }
  }

  static String inet(String[] fields) {
    return AddressText.connection(address(fields[1]), address(fields[2]));
  }

  /** {@code 0100007F:0050}: words of 32 bits in the order of this machine, and the port. */
  private static InetSocketAddress address(String field) {
    int colon = field.indexOf(':');
    ByteBuffer bytes = ByteBuffer.allocate(colon / 2).order(ByteOrder.nativeOrder());
    for (int i = 0; i < colon; i += 8) {
      bytes.putInt(Integer.parseUnsignedInt(field.substring(i, i + 8), 16));
    }
    return AddressText.inet(bytes.array(), Integer.parseInt(field.substring(colon + 1), 16));
  }

  /** The name is the rest of the line; each NUL of an abstract one is an {@code @}. */
  static Optional<String> unix(String[] fields) {
    if (fields.length <= UNIX_PATH || fields[UNIX_PATH].isEmpty()) {
      return Optional.empty();
    }
    String path = fields[UNIX_PATH];
    boolean isAbstract = path.startsWith("@");
    byte[] name = path.substring(isAbstract ? 1 : 0).getBytes(StandardCharsets.ISO_8859_1);
    return Optional.of(fields[UNIX_INODE] + AddressText.unix(name, isAbstract));
  }

  static String netlink(String[] fields) {
    return AddressText.netlink(Integer.parseInt(fields[1]), Integer.parseUnsignedInt(fields[2]));
  }
}
