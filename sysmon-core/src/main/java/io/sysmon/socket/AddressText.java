package io.sysmon.socket;

import io.sysmon.decode.Bytes;
import io.sysmon.decode.SockAddr;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Addresses as strace(1) writes them behind descriptors. */
final class AddressText {
  /** linux/netlink.h; an empty one is not used. */
  private static final List<String> NETLINK =
      List.of(
          "ROUTE",
          "UNUSED",
          "USERSOCK",
          "FIREWALL",
          "SOCK_DIAG",
          "NFLOG",
          "XFRM",
          "SELINUX",
          "ISCSI",
          "AUDIT",
          "FIB_LOOKUP",
          "CONNECTOR",
          "NETFILTER",
          "IP6_FW",
          "DNRTMSG",
          "KOBJECT_UEVENT",
          "GENERIC",
          "",
          "SCSITRANSPORT",
          "ECRYPTFS",
          "RDMA",
          "CRYPTO",
          "SMC");

  private AddressText() {}

  /**
   * Of IPv4 and IPv6.
   *
   * @param address 4 or 16 bytes
   */
  static InetSocketAddress inet(byte[] address, int port) {
    try {
      // The other way, one of IPv6 that wraps one of IPv4 becomes the latter.
      InetAddress host =
          address.length == 4
              ? InetAddress.getByAddress(address)
              : Inet6Address.getByAddress(null, address, 0);
      return new InetSocketAddress(host, port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("No address has " + address.length + " bytes", e);
    }
  }

  /** {@code LOCAL->REMOTE}, without the other end when there is none. */
  static String connection(InetSocketAddress local, InetSocketAddress remote) {
    boolean isConnected = remote.getPort() != 0 || !remote.getAddress().isAnyLocalAddress();
    return isConnected ? text(local) + "->" + text(remote) : text(local);
  }

  private static String text(InetSocketAddress address) {
    String host =
        address.getAddress() instanceof Inet6Address inet6
            ? "[" + new SockAddr.Inet6(inet6, 0, 0, 0).host() + "]"
            : address.getAddress().getHostAddress();
    return host + ":" + address.getPort();
  }

  /**
   * A name of a UNIX socket, up to its first NUL.
   *
   * @param name without the NUL before an abstract one
   */
  static String unix(byte[] name, boolean isAbstract) {
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return (isAbstract ? ",@" : ",") + Bytes.of(name, 0, length);
  }

  /** {@code ROUTE:PORT}. */
  static String netlink(int protocol, int port) {
    String name = protocol < NETLINK.size() ? NETLINK.get(protocol) : "";
    return name.isEmpty()
        ? Integer.toString(protocol)
        : name + ":" + Integer.toUnsignedString(port);
  }
}
