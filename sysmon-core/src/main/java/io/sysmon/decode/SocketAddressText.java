package io.sysmon.decode;

import io.sysmon.decode.SockAddr.Algorithm;
import io.sysmon.decode.SockAddr.Inet;
import io.sysmon.decode.SockAddr.Inet6;
import io.sysmon.decode.SockAddr.Netlink;
import io.sysmon.decode.SockAddr.Other;
import io.sysmon.decode.SockAddr.Packet;
import io.sysmon.decode.SockAddr.Unix;
import io.sysmon.decode.SockAddr.Vsock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link SockAddr} as text. */
final class SocketAddressText {
  private SocketAddressText() {}

  static void print(PrintContext context, long address, long length) {
    int size = (int) Math.min(length & 0xffff_ffffL, SocketAddressReader.MAX_LENGTH);
    boolean hasFamily = size >= SocketAddressReader.FAMILY_SIZE;
    StructBytes bytes = hasFamily ? context.struct(address, size) : null;
    if (bytes == null) {
      context.address(address);
      return;
    }
    SockAddr value = SocketAddressReader.read(bytes, size);
    context.out.append("{sa_family=");
    context.constant("address_family", value.family());
    if (value instanceof Unix unix) {
      unix(context, unix);
    } else if (value instanceof Inet inet) {
      inet(context, inet);
    } else if (value instanceof Inet6 inet6) {
      inet6(context, inet6);
    } else if (value instanceof Netlink netlink) {
      netlink(context, netlink);
    } else if (value instanceof Packet packet) {
      packet(context, packet);
    } else if (value instanceof Algorithm algorithm) {
      algorithm(context, algorithm);
    } else if (value instanceof Vsock vsock) {
      vsock(context, vsock);
    } else if (value instanceof Other other && other.data().length() > 0) {
      context.out.append(", sa_data=");
      other.data().quote(context);
    }
    context.out.append('}');
  }

  private static void unix(PrintContext context, Unix unix) {
    if (!unix.isUnnamed()) {
      context.out.append(unix.isAbstract() ? ", sun_path=@" : ", sun_path=");
      unix.path().quote(context);
    }
  }

  private static void inet(PrintContext context, Inet inet) {
    context.out.append(", sin_port=htons(").append(inet.port());
    context.out.append("), sin_addr=inet_addr(");
    quote(context, inet.address().getHostAddress());
    context.out.append(')');
  }

  private static void inet6(PrintContext context, Inet6 inet6) {
    context.out.append(", sin6_port=htons(").append(inet6.port());
    context.out.append("), sin6_flowinfo=htonl(").append(inet6.flowInfo());
    context.out.append("), inet_pton(AF_INET6, ");
    quote(context, inet6.host());
    context.out.append(", &sin6_addr)");
    if (inet6.scopeId() >= 0) {
      context.out.append(", sin6_scope_id=").append(inet6.scopeId());
    }
  }

  private static void quote(PrintContext context, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    context.quote(bytes, 0, bytes.length);
  }

  /** RFC 5952: the longest run of at least two zero groups becomes {@code ::}. */
  static String inet6Text(byte[] address) {
    int[] groups = new int[8];
    for (int index = 0; index < 8; index++) {
      groups[index] = (address[2 * index] & 0xff) << 8 | (address[2 * index + 1] & 0xff);
    }
    int runBegin = -1;
    int runLength = 1;
    for (int begin = 0; begin < 8; begin++) {
      int length = 0;
      while (begin + length < 8 && groups[begin + length] == 0) {
        length++;
      }
      if (length > runLength) {
        runBegin = begin;
        runLength = length;
      }
    }
    String dotted = embeddedInet(groups, runBegin, runLength);
    int last = dotted == null ? 8 : 6;
    List<String> head = new ArrayList<>();
    List<String> tail = new ArrayList<>();
    for (int index = 0; index < last; index++) {
      if (runBegin < 0 || index < runBegin) {
        head.add(Integer.toHexString(groups[index]));
      } else if (index >= runBegin + runLength) {
        tail.add(Integer.toHexString(groups[index]));
      }
    }
    if (dotted != null) {
      tail.add(dotted);
    }
    return runBegin < 0
        ? String.join(":", head)
        : String.join(":", head) + "::" + String.join(":", tail);
  }

  /** The last four bytes in dotted form when the address wraps an IPv4 one. */
  private static @Nullable String embeddedInet(int[] groups, int runBegin, int runLength) {
    boolean mapped = runBegin == 0 && runLength == 5 && groups[5] == 0xffff;
    boolean compatible = runBegin == 0 && runLength == 6;
    if (!mapped && !compatible) {
      return null;
    }
    return (groups[6] >> 8)
        + "."
        + (groups[6] & 0xff)
        + "."
        + (groups[7] >> 8)
        + "."
        + (groups[7] & 0xff);
  }

  private static void netlink(PrintContext context, Netlink netlink) {
    context.out.append(", nl_pid=").append(netlink.port()).append(", nl_groups=");
    String groups = Integer.toHexString(netlink.groups());
    // Of C's %#08x: eight characters, of which two are a prefix that zero has not.
    context.out.append(netlink.groups() == 0 ? "00" : "0x");
    context.out.append("0".repeat(Math.max(0, 6 - groups.length()))).append(groups);
  }

  private static void packet(PrintContext context, Packet packet) {
    context.out.append(", sll_protocol=htons(").append(packet.protocol());
    context.out.append("), sll_ifindex=").append(packet.interfaceIndex());
    context.out.append(", sll_hatype=").append(packet.hardwareType());
    context.out.append(", sll_pkttype=").append(packet.packetType());
    context.out.append(", sll_halen=").append(packet.addressLength());
    byte[] address = packet.address().toByteArray();
    if (address.length > 0) {
      context.out.append(", sll_addr=[");
      for (int index = 0; index < address.length; index++) {
        String octet = Integer.toHexString(address[index] & 0xff);
        context.out.append(index == 0 ? "" : ", ").append(octet.length() == 1 ? "0" : "");
        context.out.append(octet);
      }
      context.out.append(']');
    }
  }

  private static void algorithm(PrintContext context, Algorithm algorithm) {
    context.out.append(", salg_type=");
    algorithm.type().quote(context);
    context.out.append(", salg_feat=");
    context.hex(algorithm.features());
    context.out.append(", salg_mask=");
    context.hex(algorithm.mask());
    context.out.append(", salg_name=");
    algorithm.name().quote(context);
  }

  private static void vsock(PrintContext context, Vsock vsock) {
    context.out.append(", svm_cid=");
    context.hex(vsock.contextId());
    context.out.append(", svm_port=");
    context.hex(vsock.port());
    context.out.append(", svm_flags=");
    context.hex(vsock.flags());
  }
}
