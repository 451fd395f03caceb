package io.sysmon.socket;

import static io.sysmon.internal.sys.SocketDiag.AF_INET;
import static io.sysmon.internal.sys.SocketDiag.AF_INET6;
import static io.sysmon.internal.sys.SocketDiag.AF_NETLINK;
import static io.sysmon.internal.sys.SocketDiag.AF_UNIX;

import java.util.List;

/**
 * A protocol whose sockets have addresses that can be asked for.
 *
 * @param name as the kernel has it (system.sockprotoname) and strace(1) writes it
 * @param family {@code AF_INET} and so on
 * @param number of the families of IP: {@code IPPROTO_TCP} and so on, 0 otherwise
 */
record Protocol(String name, int family, int number) {
  /** In the order in which strace(1) tries them for a socket that is of none of them by name. */
  static final List<Protocol> ALL =
      List.of(
          new Protocol("UNIX", AF_UNIX, 0),
          new Protocol("UNIX-STREAM", AF_UNIX, 0),
          new Protocol("TCP", AF_INET, 6),
          new Protocol("UDP", AF_INET, 17),
          new Protocol("UDPLITE", AF_INET, 136),
          new Protocol("DCCP", AF_INET, 33),
          new Protocol("SCTP", AF_INET, 132),
          new Protocol("L2TP/IP", AF_INET, 115),
          new Protocol("PING", AF_INET, 1),
          new Protocol("RAW", AF_INET, 255),
          new Protocol("TCPv6", AF_INET6, 6),
          new Protocol("UDPv6", AF_INET6, 17),
          new Protocol("UDPLITEv6", AF_INET6, 136),
          new Protocol("DCCPv6", AF_INET6, 33),
          new Protocol("SCTPv6", AF_INET6, 132),
          new Protocol("L2TP/IPv6", AF_INET6, 115),
          new Protocol("PINGv6", AF_INET6, 1),
          new Protocol("RAWv6", AF_INET6, 255),
          new Protocol("NETLINK", AF_NETLINK, 0));
}
