package io.sysmon.monitor;

import io.sysmon.decode.SockAddr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * A socket address as rules and events have it.
 *
 * @param host of IPv4 also where it is written as one of IPv6; null for another family
 * @param port 0 to 65535
 * @param name of a UNIX socket, with {@code @} for the abstract ones; {@code family N} of others
 */
record Address(@Nullable InetAddress host, int port, String name) {
  static Address of(SockAddr address) {
    if (address instanceof SockAddr.Inet inet) {
      return new Address(inet.address(), inet.port(), "");
    }
    if (address instanceof SockAddr.Inet6 inet) {
      return new Address(unmapped(inet.address()), inet.port(), "");
    }
    if (address instanceof SockAddr.Unix unix) {
      String name = (unix.isAbstract() ? "@" : "") + unix.path().utf8();
      return new Address(null, 0, "unix:" + name);
    }
    return new Address(null, 0, "family " + address.family());
  }

  private static InetAddress unmapped(InetAddress host) {
    try {
      return InetAddress.getByAddress(host.getAddress());
    } catch (UnknownHostException e) {
      throw new AssertionError("16 bytes are an address", e);
    }
  }

  @Override
  public String toString() {
    if (host == null) {
      return name;
    }
    String text = host.getHostAddress();
    return (text.indexOf(':') < 0 ? text : "[" + text + "]") + ":" + port;
  }
}
