package io.sysmon.decode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code struct sockaddr} of the common families, as text. */
final class SocketAddressText {
  /** {@code sizeof(struct sockaddr_storage)}. */
  private static final int MAX_LENGTH = 128;

  private static final int FAMILY_SIZE = 2;

  private SocketAddressText() {}

  static void print(PrintContext context, long address, long length) {
    int size = (int) Math.min(length & 0xffff_ffffL, MAX_LENGTH);
    byte[] raw = size < FAMILY_SIZE ? null : context.bytes(address, size);
    if (raw == null) {
      context.address(address);
      return;
    }
    StructBytes bytes = new StructBytes(raw, 0, context.abi);
    int family = bytes.u16(0);
    context.out.append("{sa_family=");
    context.constant("address_family", family);
    if (size > FAMILY_SIZE && !known(context, bytes, family, size)) {
      context.out.append(", sa_data=");
      context.quote(raw, FAMILY_SIZE, size - FAMILY_SIZE);
    }
    context.out.append('}');
  }

  private static boolean known(PrintContext context, StructBytes bytes, int family, int size) {
    return switch (family) {
      case 1 -> unix(context, bytes, size);
      case 2 -> size >= 8 && inet(context, bytes);
      case 10 -> size >= 24 && inet6(context, bytes, size);
      case 16 -> size >= 12 && netlink(context, bytes);
      case 17 -> size >= 12 && packet(context, bytes, size);
      case 38 -> size >= 88 && algorithm(context, bytes);
      case 40 -> size >= 16 && vsock(context, bytes);
      default -> false;
    };
  }

  private static boolean unix(PrintContext context, StructBytes bytes, int size) {
    boolean isAbstract = bytes.u8(FAMILY_SIZE) == 0;
    int begin = isAbstract ? FAMILY_SIZE + 1 : FAMILY_SIZE;
    int end = begin;
    while (end < size && (isAbstract || bytes.u8(end) != 0)) {
      end++;
    }
    context.out.append(isAbstract ? ", sun_path=@" : ", sun_path=");
    context.quote(bytes.array(), begin, end - begin);
    return true;
  }

  private static boolean inet(PrintContext context, StructBytes bytes) {
    context.out.append(", sin_port=htons(").append(bytes.u16be(2));
    context.out.append("), sin_addr=inet_addr(");
    StringBuilder text = new StringBuilder();
    for (int index = 0; index < 4; index++) {
      text.append(index == 0 ? "" : ".").append(bytes.u8(4 + index));
    }
    quote(context, text);
    context.out.append(')');
    return true;
  }

  private static boolean inet6(PrintContext context, StructBytes bytes, int size) {
    long flow = (long) bytes.u16be(4) << 16 | bytes.u16be(6);
    context.out.append(", sin6_port=htons(").append(bytes.u16be(2));
    context.out.append("), sin6_flowinfo=htonl(").append(flow);
    context.out.append("), inet_pton(AF_INET6, ");
    quote(context, inet6Text(bytes, 8));
    context.out.append(", &sin6_addr)");
    if (size >= 28) {
      context.out.append(", sin6_scope_id=").append(bytes.u32(24));
    }
    return true;
  }

  private static void quote(PrintContext context, CharSequence text) {
    byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
    context.quote(bytes, 0, bytes.length);
  }

  /** RFC 5952: the longest run of at least two zero groups becomes {@code ::}. */
  static String inet6Text(StructBytes bytes, int offset) {
    int[] groups = new int[8];
    for (int index = 0; index < 8; index++) {
      groups[index] = bytes.u16be(offset + 2 * index);
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
    String dotted = embeddedInet(bytes, offset, runBegin, runLength);
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
  private static @Nullable String embeddedInet(
      StructBytes bytes, int offset, int runBegin, int runLength) {
    boolean mapped = runBegin == 0 && runLength == 5 && bytes.u16be(offset + 10) == 0xffff;
    boolean compatible = runBegin == 0 && runLength == 6;
    if (!mapped && !compatible) {
      return null;
    }
    return bytes.u8(offset + 12)
        + "."
        + bytes.u8(offset + 13)
        + "."
        + bytes.u8(offset + 14)
        + "."
        + bytes.u8(offset + 15);
  }

  private static boolean netlink(PrintContext context, StructBytes bytes) {
    context.out.append(", nl_pid=").append(bytes.i32(4)).append(", nl_groups=0x");
    String groups = Integer.toHexString(bytes.i32(8));
    context.out.append("0".repeat(Math.max(0, 6 - groups.length()))).append(groups);
    return true;
  }

  /** {@code protocol 2:2 (network order) ifindex 4:4 hatype 8:2 pkttype 10:1 halen 11:1}. */
  private static boolean packet(PrintContext context, StructBytes bytes, int size) {
    context.out.append(", sll_protocol=htons(");
    context.constant("ethernet_protocol", bytes.u16be(2));
    context.out.append("), sll_ifindex=").append(bytes.i32(4)).append(", sll_hatype=");
    context.constant("arp_hardware", bytes.u16(8));
    context.out.append(", sll_pkttype=");
    context.constant("packet_type", bytes.u8(10));
    int length = Math.min(bytes.u8(11), size - 12);
    context.out.append(", sll_halen=").append(bytes.u8(11));
    if (length > 0) {
      context.out.append(", sll_addr=[");
      for (int index = 0; index < length; index++) {
        String octet = Integer.toHexString(bytes.u8(12 + index));
        context.out.append(index == 0 ? "" : ", ").append(octet.length() == 1 ? "0" : "");
        context.out.append(octet);
      }
      context.out.append(']');
    }
    return true;
  }

  /** {@code type 2:14 feat 16:4 mask 20:4 name 24:64}, linux/if_alg.h. */
  private static boolean algorithm(PrintContext context, StructBytes bytes) {
    context.out.append(", salg_type=");
    text(context, bytes, 2, 14);
    context.out.append(", salg_feat=");
    context.hex(bytes.u32(16));
    context.out.append(", salg_mask=");
    context.hex(bytes.u32(20));
    context.out.append(", salg_name=");
    text(context, bytes, 24, 64);
    return true;
  }

  private static void text(PrintContext context, StructBytes bytes, int offset, int size) {
    int length = 0;
    while (length < size && bytes.u8(offset + length) != 0) {
      length++;
    }
    context.quote(bytes.array(), offset, length);
  }

  private static boolean vsock(PrintContext context, StructBytes bytes) {
    context.out.append(", svm_cid=");
    context.hex(bytes.u32(8));
    context.out.append(", svm_port=");
    context.hex(bytes.u32(4));
    context.out.append(", svm_flags=");
    context.hex(bytes.u8(12));
    return true;
  }
}
