package io.sysmon.decode;

import io.sysmon.decode.SockAddr.Algorithm;
import io.sysmon.decode.SockAddr.Inet;
import io.sysmon.decode.SockAddr.Inet6;
import io.sysmon.decode.SockAddr.Netlink;
import io.sysmon.decode.SockAddr.Other;
import io.sysmon.decode.SockAddr.Packet;
import io.sysmon.decode.SockAddr.Unix;
import io.sysmon.decode.SockAddr.Vsock;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** {@code struct sockaddr} of the common families, from its bytes. */
final class SocketAddressReader {
  /** {@code sizeof(struct sockaddr_storage)}: the kernel takes and gives no more. */
  static final int MAX_LENGTH = 128;

  /** The bytes of {@code sa_family}. */
  static final int FAMILY_SIZE = 2;

  private SocketAddressReader() {}

  /**
   * Decodes an address.
   *
   * @param bytes begin with the family
   * @param size how many there are, at least {@link #FAMILY_SIZE}
   */
  static SockAddr read(StructBytes bytes, int size) {
    int family = bytes.u16(0);
    return switch (family) {
      case 1 -> unix(bytes, size);
      case 2 -> size >= 8 ? inet(bytes) : other(bytes, size);
      case 10 -> size >= 24 ? inet6(bytes, size) : other(bytes, size);
      case 16 -> size >= 12 ? new Netlink(bytes.i32(4), bytes.i32(8)) : other(bytes, size);
      case 17 -> size >= 12 ? packet(bytes, size) : other(bytes, size);
      case 38 -> size >= 88 ? algorithm(bytes) : other(bytes, size);
      case 40 -> size >= 16 ? vsock(bytes) : other(bytes, size);
      default -> other(bytes, size);
    };
  }

  private static SockAddr other(StructBytes bytes, int size) {
    return new Other(bytes.u16(0), bytes.bytes(FAMILY_SIZE, size - FAMILY_SIZE));
  }

  private static SockAddr unix(StructBytes bytes, int size) {
    int nameSize = size - FAMILY_SIZE;
    boolean isAbstract = nameSize > 0 && bytes.u8(FAMILY_SIZE) == 0;
    return isAbstract
        ? new Unix(bytes.bytes(FAMILY_SIZE + 1, nameSize - 1), true)
        : new Unix(bytes.string(FAMILY_SIZE, nameSize), false);
  }

  /** {@code port 2:2 (network order) address 4:4}. */
  private static SockAddr inet(StructBytes bytes) {
    try {
      byte[] address = bytes.bytes(4, 4).toByteArray();
      return new Inet((Inet4Address) InetAddress.getByAddress(address), bytes.u16be(2));
    } catch (UnknownHostException e) {
      throw new AssertionError("Four bytes are an address", e);
    }
  }

  /** {@code port 2:2 flowinfo 4:4 (both in network order) address 8:16 scope 24:4}. */
  private static SockAddr inet6(StructBytes bytes, int size) {
    long flow = (long) bytes.u16be(4) << 16 | bytes.u16be(6);
    long scope = size >= 28 ? bytes.u32(24) : -1;
    try {
      byte[] address = bytes.bytes(8, 16).toByteArray();
      // This way also one that wraps an IPv4 address stays an Inet6Address.
      Inet6Address host = Inet6Address.getByAddress(null, address, (int) scope);
      return new Inet6(host, bytes.u16be(2), flow, scope);
    } catch (UnknownHostException e) {
      throw new AssertionError("Sixteen bytes are an address", e);
    }
  }

  /** {@code protocol 2:2 (network order) ifindex 4:4 hatype 8:2 pkttype 10:1 halen 11:1}. */
  private static SockAddr packet(StructBytes bytes, int size) {
    int length = Math.min(bytes.u8(11), size - 12);
    return new Packet(
        new Constant(bytes.u16be(2), "ethernet_protocol", bytes.abi()),
        bytes.i32(4),
        new Constant(bytes.u16(8), "arp_hardware", bytes.abi()),
        new Constant(bytes.u8(10), "packet_type", bytes.abi()),
        bytes.u8(11),
        bytes.bytes(12, length));
  }

  /** {@code type 2:14 feat 16:4 mask 20:4 name 24:64}, linux/if_alg.h. */
  private static SockAddr algorithm(StructBytes bytes) {
    return new Algorithm(bytes.string(2, 14), bytes.string(24, 64), bytes.u32(16), bytes.u32(20));
  }

  /** {@code port 4:4 cid 8:4 flags 12:1}. */
  private static SockAddr vsock(StructBytes bytes) {
    return new Vsock(bytes.u32(8), bytes.u32(4), bytes.u8(12));
  }
}
