package io.sysmon.decode;

import java.util.Map;

/** Printers of the arguments of socket calls. */
final class SocketPrinters {
  private static final int AF_PACKET = 17;
  private static final int SOL_SOCKET = 1;
  private static final int SO_ERROR = 4;
  private static final int SO_LINGER = 13;
  private static final int SO_PEERCRED = 17;

  /** The sets of constants that protocols are of, by the family of addresses (bits/socket.h). */
  private static final Map<Integer, String> PROTOCOLS =
      Map.ofEntries(
          Map.entry(2, "socket_protocol_inet"),
          Map.entry(10, "socket_protocol_inet"),
          Map.entry(16, "socket_protocol_netlink"),
          Map.entry(29, "socket_protocol_can"),
          Map.entry(31, "socket_protocol_bluetooth"),
          // RxRPC is told the family of what carries it.
          Map.entry(33, "address_family"),
          Map.entry(34, "socket_protocol_isdn"),
          Map.entry(35, "socket_protocol_phonet"),
          Map.entry(37, "socket_protocol_caif"),
          Map.entry(39, "socket_protocol_nfc"),
          Map.entry(41, "socket_protocol_kcm"),
          Map.entry(43, "socket_protocol_smc"));

  /** {@code struct ucred}: {@code pid:4 uid:4 gid:4}. */
  static final int CREDENTIALS_SIZE = 12;

  private SocketPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("linger", new FixedStruct(abi -> 8, SocketPrinters::linger));
    types.put("ucred", new FixedStruct(abi -> CREDENTIALS_SIZE, SocketPrinters::credentials));
  }

  static void registerArguments(Map<String, ArgumentPrinter> printers) {
    printers.put("socket_protocol", SocketPrinters::protocol);
    printers.put("sockopt_name", SocketPrinters::optionName);
    printers.put("sockopt_in", (c, a) -> option(c, a, c.reference(a.kind(), "len", 0)));
    printers.put("sockopt_out", new OptionOut());
    printers.put(
        "sockaddr_in",
        (c, a) -> SocketAddressText.print(c, c.register(a), c.reference(a.kind(), "len", 0)));
    printers.put("sockaddr_out", new AddressOut());
  }

  private static void protocol(PrintContext context, Argument argument) {
    int domain = (int) context.reference(argument.kind(), "by", 0);
    int protocol = context.intValue(argument);
    String set = PROTOCOLS.get(domain);
    if (set != null) {
      ScalarPrinters.constant(context, set, protocol);
    } else if (domain == AF_PACKET) {
      context.out.append("htons(");
      ScalarPrinters.constant(context, "ethernet_protocol", networkShort(protocol));
      context.out.append(')');
    } else {
      context.out.append(Integer.toUnsignedString(protocol));
    }
  }

  static int networkShort(int value) {
    return (value & 0xff) << 8 | (value >> 8 & 0xff);
  }

  private static void optionName(PrintContext context, Argument argument) {
    int level = (int) context.reference(argument.kind(), "by", 0);
    String set = "sockopt_" + level;
    if (context.constants.has(set)) {
      ScalarPrinters.constant(context, set, context.intValue(argument));
    } else {
      context.out.append(Integer.toUnsignedString(context.intValue(argument)));
    }
  }

  private static void option(PrintContext context, Argument argument, long length) {
    long address = context.register(argument);
    int level = (int) context.reference(argument.kind(), "by", 0);
    int option = (int) context.reference(argument.kind(), "opt", 0);
    StructBytes number = length == 4 ? context.struct(address, 4) : null;
    if (level == SOL_SOCKET && option == SO_LINGER && length == 8) {
      context.printPointed("linger", address);
    } else if (level == SOL_SOCKET && option == SO_PEERCRED && length == 12) {
      context.printPointed("ucred", address);
    } else if (number != null && level == SOL_SOCKET && option == SO_ERROR) {
      context.out.append('[');
      ErrnoText.name(context.out, number.i32(0));
      context.out.append(']');
    } else if (number != null) {
      context.out.append('[').append(number.i32(0)).append(']');
    } else {
      StringPrinters.buffer(context, address, length & 0xffff_ffffL);
    }
  }

  private static void linger(PrintContext context, StructBytes linger) {
    context.out.append("{l_onoff=").append(linger.i32(0));
    context.out.append(", l_linger=").append(linger.i32(4)).append('}');
  }

  static void credentials(PrintContext context, StructBytes credentials) {
    context.out.append("{pid=").append(credentials.i32(0)).append(", uid=");
    ScalarPrinters.id(context, credentials.i32(4));
    context.out.append(", gid=");
    ScalarPrinters.id(context, credentials.i32(8));
    context.out.append('}');
  }

  /** What the {@code len=} argument points to; −1 when that cannot be read. */
  private static long pointedLength(PrintContext context, Argument argument) {
    StructBytes length = context.struct(context.reference(argument.kind(), "len", 0), 4);
    return length == null ? -1 : length.u32(0);
  }

  private static final class OptionOut implements ArgumentPrinter {
    @Override
    public void print(PrintContext context, Argument argument) {
      long length = context.failed() ? -1 : pointedLength(context, argument);
      if (length < 0) {
        context.address(context.register(argument));
      } else {
        option(context, argument, length);
      }
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      return true;
    }
  }

  /** The kernel writes at most as many bytes as the length said at the entry. */
  private static final class AddressOut implements ArgumentPrinter {
    @Override
    public void print(PrintContext context, Argument argument) {
      long length = context.failed() ? -1 : pointedLength(context, argument);
      if (length < 0) {
        context.address(context.register(argument));
      } else {
        long room = context.call.remembered(argument, length);
        SocketAddressText.print(context, context.register(argument), Math.min(room, length));
      }
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      return true;
    }

    @Override
    public void remember(PrintContext context, Argument argument) {
      long length = pointedLength(context, argument);
      if (length >= 0) {
        context.call.remember(argument, length);
      }
    }
  }
}
