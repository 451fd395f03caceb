package io.sysmon.monitor;

import io.sysmon.decode.SockAddr;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A socket address as rules and events have it.
 *
 * @param host of IPv4 also where it is written as one of IPv6; null for another family
 * @param port 0 to 65535
 * @param name of a UNIX socket, with {@code @} for the abstract ones; {@code family N} of others
 */
record Address(@Nullable InetAddress host, int port, String name) {
  /** {@code sin_port}, {@code sin_addr} and {@code sin_zero} of {@code struct sockaddr_in}. */
  private static final int INET_DATA = 14;

  private static final int INET_HOST = 2;

  /**
   * Where a datagram goes: for IPv4 the kernel takes {@code AF_UNSPEC} for {@code AF_INET},
   * udp_sendmsg() in net/ipv4/udp.c.
   */
  static Address ofDatagram(SockAddr address) {
    if (address instanceof SockAddr.Other other
        && other.family() == 0
        && other.data().length() >= INET_DATA) {
      ByteBuffer data = ByteBuffer.wrap(other.data().toByteArray());
      byte[] host = Arrays.copyOfRange(data.array(), INET_HOST, INET_HOST + Integer.BYTES);
      return new Address(host(host), Short.toUnsignedInt(data.getShort(0)), "");
    }
    return of(address);
  }

  static Address of(SockAddr address) {
    if (address instanceof SockAddr.Inet inet) {
      return new Address(inet.address(), inet.port(), "");
    }
    if (address instanceof SockAddr.Inet6 inet) {
      return new Address(host(inet.address().getAddress()), inet.port(), "");
    }
    if (address instanceof SockAddr.Unix unix) {
      String name = (unix.isAbstract() ? "@" : "") + unix.path().utf8();
      return ofUnix(name);
    }
    return new Address(null, 0, "family " + address.family());
  }

  /** Of a UNIX socket. */
  static Address ofUnix(String name) {
    return new Address(null, 0, "unix:" + name);
  }

  /** What is mapped to IPv6 is of IPv4. */
  private static InetAddress host(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are an address", e);
    }
  }

  @Override
  public String toString() {
    if (host == null) {
      return name;
    }
    return host instanceof Inet6Address six
        ? "[" + new SockAddr.Inet6(six, port, 0, 0).host() + "]:" + port
        : host.getHostAddress() + ":" + port;
  }
}
