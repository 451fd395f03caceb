package io.sysmon.decode;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/**
 * The address of a socket: {@code struct sockaddr}, by its family. Immutable.
 *
 * <pre>{@code
 * if (call.sockaddr(1) instanceof SockAddr.Inet to && to.port() == 53) ...
 * }</pre>
 */
public sealed interface SockAddr {
  /**
   * The family.
   *
   * @return {@code AF_INET} and so on: the number
   */
  int family();

  /**
   * {@code struct sockaddr_un}, unix(7).
   *
   * @param path the name in the file system, or in the abstract name space without the NUL before
   *     it; empty for a socket that has no name
   * @param isAbstract whether the name is in the abstract name space
   */
  record Unix(Bytes path, boolean isAbstract) implements SockAddr {
    @Override
    public int family() {
      return 1;
    }

    /** Whether the socket has no name, unix(7). */
    boolean isUnnamed() {
      return !isAbstract && path.length() == 0;
    }
  }

  /**
   * {@code struct sockaddr_in}, ip(7).
   *
   * @param address the host
   * @param port 0 to 65535
   */
  record Inet(Inet4Address address, int port) implements SockAddr {
    @Override
    public int family() {
      return 2;
    }

    /**
     * As Java has it.
     *
     * @return address and port; no name is looked up
     */
    public InetSocketAddress toInetSocketAddress() {
      return new InetSocketAddress(address, port);
    }
  }

  /**
   * {@code struct sockaddr_in6}, ipv6(7).
   *
   * @param address the host
   * @param port 0 to 65535
   * @param flowInfo the flow's identifier
   * @param scopeId the index of the interface of a link-local address; -1 for an address of the
   *     older form that has none
   */
  record Inet6(Inet6Address address, int port, long flowInfo, long scopeId) implements SockAddr {
    @Override
    public int family() {
      return 10;
    }

    /**
     * The host as it is mostly written, RFC 5952, where Java leaves no zero out.
     *
     * @return for example {@code ::1}
     */
    public String host() {
      return SocketAddressText.inet6Text(address.getAddress());
    }

    /**
     * As Java has it.
     *
     * @return address and port; no name is looked up
     */
    public InetSocketAddress toInetSocketAddress() {
      return new InetSocketAddress(address, port);
    }
  }

  /**
   * {@code struct sockaddr_nl}, netlink(7).
   *
   * @param port the socket's number, often a pid; 0 is the kernel
   * @param groups the multicast groups, a bit each
   */
  record Netlink(int port, int groups) implements SockAddr {
    @Override
    public int family() {
      return 16;
    }
  }

  /**
   * {@code struct sockaddr_ll}, packet(7).
   *
   * @param protocol of the Ethernet frame, {@code ETH_P_IP} and so on
   * @param interfaceIndex the network interface
   * @param hardwareType what kind of interface it is
   * @param packetType to whom a packet went
   * @param addressLength how long the hardware address is said to be
   * @param address as much of the hardware address as there is
   */
  record Packet(
      Constant protocol,
      int interfaceIndex,
      Constant hardwareType,
      Constant packetType,
      int addressLength,
      Bytes address)
      implements SockAddr {
    @Override
    public int family() {
      return 17;
    }
  }

  /**
   * {@code struct sockaddr_alg}, linux/if_alg.h.
   *
   * @param type such as {@code hash}
   * @param name such as {@code sha256}
   * @param features bits of the algorithm's features
   * @param mask which of them matter
   */
  record Algorithm(Bytes type, Bytes name, long features, long mask) implements SockAddr {
    @Override
    public int family() {
      return 38;
    }
  }

  /**
   * {@code struct sockaddr_vm}, vsock(7).
   *
   * @param contextId the machine
   * @param port 32 bits
   * @param flags as the program gave them
   */
  record Vsock(long contextId, long port, int flags) implements SockAddr {
    @Override
    public int family() {
      return 40;
    }
  }

  /**
   * An address of another family, or one that is too short for its family.
   *
   * @param family the number
   * @param data what follows the family
   */
  record Other(int family, Bytes data) implements SockAddr {}
}
