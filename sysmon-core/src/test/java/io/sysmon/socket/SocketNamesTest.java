package io.sysmon.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketNamesTest {
  private static final int PID = (int) ProcessHandle.current().pid();

  private final SocketNames names = new SocketNames();

  /** With its first channel of a kind the JDK opens sockets of its own, which it keeps. */
  @BeforeAll
  static void theJdkHasItsOwnSockets() throws IOException {
    ServerSocketChannel.open().close();
    ServerSocketChannel.open(StandardProtocolFamily.UNIX).close();
    SocketChannel.open().close();
    DatagramChannel.open().close();
  }

  /** Descriptors and inodes of this JVM's sockets. */
  private static Map<Integer, Long> sockets() throws IOException {
    Map<Integer, Long> inodes = new HashMap<>();
    try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
      for (Path link : (Iterable<Path>) links::iterator) {
        // The one of the directory itself is closed by the end of the list, others are not ours.
        String target = Files.isSymbolicLink(link) ? Files.readSymbolicLink(link).toString() : "";
        if (target.startsWith("socket:[")) {
          inodes.put(
              Integer.parseInt(link.getFileName().toString()),
              Long.parseLong(target.substring(8, target.length() - 1)));
        }
      }
    }
    return inodes;
  }

  /** A socket of this JVM. */
  private record Opened<C extends Channel>(C channel, int descriptor, long inode) {}

  private interface Opening<C> {
    C open() throws IOException;
  }

  private static <C extends Channel> Opened<C> open(Opening<C> opening) throws IOException {
    Map<Integer, Long> before = sockets();
    C channel = opening.open();
    Map<Integer, Long> after = sockets();
    after.values().removeAll(before.values());
    assertEquals(1, after.size(), after.toString());
    Map.Entry<Integer, Long> opened = after.entrySet().iterator().next();
    return new Opened<>(channel, opened.getKey(), opened.getValue());
  }

  private Optional<String> name(Opened<?> socket) {
    return names.find(PID, socket.descriptor);
  }

  private static String port(SocketAddress address) {
    return Integer.toString(((InetSocketAddress) address).getPort());
  }

  @Test
  void theEndsOfAUnixConnectionTellEachOther(@TempDir Path directory) throws IOException {
    Path path = directory.resolve("a \"b\"");
    Opened<ServerSocketChannel> server =
        open(() -> ServerSocketChannel.open(StandardProtocolFamily.UNIX));
    Opened<SocketChannel> client = open(() -> SocketChannel.open(StandardProtocolFamily.UNIX));
    assertEquals(Optional.of("UNIX-STREAM:[" + client.inode + "]"), name(client));
    server.channel.bind(UnixDomainSocketAddress.of(path));
    client.channel.connect(UnixDomainSocketAddress.of(path));
    Opened<SocketChannel> accepted = open(server.channel::accept);
    String name = ",\"" + directory + "/a \\\"b\\\"\"]";
    assertEquals(Optional.of("UNIX-STREAM:[" + server.inode + name), name(server));
    assertEquals(
        Optional.of("UNIX-STREAM:[" + client.inode + "->" + accepted.inode + "]"), name(client));
    assertEquals(
        Optional.of("UNIX-STREAM:[" + accepted.inode + "->" + client.inode + name), name(accepted));
    accepted.channel.close();
    assertEquals(
        Optional.of("UNIX-STREAM:[" + client.inode + "->" + accepted.inode + "]"),
        name(client),
        "what was told once is told again");
    client.channel.close();
    server.channel.close();
  }

  @Test
  void aTcpSocketHasItsProtocolThenItsAddressThenItsPeer() throws IOException {
    for (ProtocolFamily family : StandardProtocolFamily.values()) {
      if (family == StandardProtocolFamily.UNIX
          || (family == StandardProtocolFamily.INET6
              && !Files.exists(Path.of("/proc/net/if_inet6")))) {
        continue;
      }
      boolean isV6 = family == StandardProtocolFamily.INET6;
      InetAddress here = InetAddress.getByName(isV6 ? "::1" : "127.0.0.1");
      String host = isV6 ? "[::1]:" : "127.0.0.1:";
      String tcp = isV6 ? "TCPv6:[" : "TCP:[";
      Opened<ServerSocketChannel> server = open(() -> ServerSocketChannel.open(family));
      Opened<SocketChannel> client = open(() -> SocketChannel.open(family));
      assertEquals(Optional.of(tcp + client.inode + "]"), name(client));
      server.channel.bind(new InetSocketAddress(here, 0));
      client.channel.connect(server.channel.getLocalAddress());
      String serverPort = port(server.channel.getLocalAddress());
      String clientPort = port(client.channel.getLocalAddress());
      assertEquals(Optional.of(tcp + host + serverPort + "]"), name(server));
      assertEquals(
          Optional.of(tcp + host + clientPort + "->" + host + serverPort + "]"), name(client));
      client.channel.close();
      server.channel.close();
    }
  }

  @Test
  void aUdpSocketHasItsAddress() throws IOException {
    Opened<DatagramChannel> socket = open(() -> DatagramChannel.open(StandardProtocolFamily.INET));
    assertEquals(Optional.of("UDP:[" + socket.inode + "]"), name(socket));
    socket.channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    String port = port(socket.channel.getLocalAddress());
    assertEquals(Optional.of("UDP:[127.0.0.1:" + port + "]"), name(socket));
    socket.channel.close();
  }

  @Test
  void withoutSockDiagThereAreAddressesAndNoPeersOfUnixSockets(@TempDir Path directory)
      throws IOException {
    Path path = directory.resolve("a  \"b");
    Protocol unix = Protocol.ALL.get(0);
    Protocol tcp = Protocol.ALL.get(2);
    Opened<ServerSocketChannel> server =
        open(() -> ServerSocketChannel.open(StandardProtocolFamily.UNIX));
    assertEquals(Optional.empty(), ProcNet.find(PID, unix, server.inode));
    server.channel.bind(UnixDomainSocketAddress.of(path));
    Opened<SocketChannel> client = open(() -> SocketChannel.open(UnixDomainSocketAddress.of(path)));
    assertEquals(
        Optional.of(server.inode + ",\"" + directory + "/a  \\\"b\""),
        ProcNet.find(PID, unix, server.inode));
    assertEquals(Optional.empty(), ProcNet.find(PID, unix, client.inode));
    client.channel.close();
    server.channel.close();
    Opened<ServerSocketChannel> inet =
        open(() -> ServerSocketChannel.open(StandardProtocolFamily.INET));
    assertEquals(Optional.empty(), ProcNet.find(PID, tcp, inet.inode));
    inet.channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    assertEquals(
        Optional.of("127.0.0.1:" + port(inet.channel.getLocalAddress())),
        ProcNet.find(PID, tcp, inet.inode));
    inet.channel.close();
  }

  @Test
  void whatIsNoSocketHasNoName() throws IOException {
    assertEquals(Optional.empty(), names.find(PID, -1));
    assertEquals(Optional.empty(), names.find(PID, 100_000_000));
    try (FileChannel file = FileChannel.open(Path.of("/dev/null"))) {
      assertTrue(file.isOpen());
      Set<Integer> sockets = sockets().keySet();
      try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
        assertTrue(
            links
                .map(link -> Integer.parseInt(link.getFileName().toString()))
                .filter(descriptor -> !sockets.contains(descriptor))
                .allMatch(descriptor -> names.find(PID, descriptor).isEmpty()));
      }
    }
  }
}
