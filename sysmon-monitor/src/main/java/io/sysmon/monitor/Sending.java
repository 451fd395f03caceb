package io.sysmon.monitor;

import io.sysmon.CallArgument;
import io.sysmon.SyscallEnter;
import io.sysmon.decode.MessageHeader;
import io.sysmon.decode.SockAddr;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** To which addresses a call is about to connect, or to send something. */
final class Sending {
  private Sending() {}

  static @Nullable Attempt connect(SyscallEnter call, Policy policy) {
    EventKind kind = EventKind.NET_CONNECT;
    if (policy.ignores(kind)) {
      return null;
    }
    if (policy.isRestricted(kind)) {
      new PinnedArguments(call).address(call.argument("addr"), call.argument("addrlen"));
    }
    SockAddr to = call.argument("addr").sockaddr();
    return connect(Address.of(to), forms(call, policy, kind, to));
  }

  private static Attempt connect(Address address, List<Address> forms) {
    return new Attempt(EventKind.NET_CONNECT, new Rule.Target(List.of(), forms))
        .with("address", address.toString());
  }

  /** An address as it is written, and what the name of a UNIX socket means here and now. */
  static List<Address> forms(SyscallEnter call, Policy policy, EventKind kind, SockAddr address) {
    List<Address> forms = new ArrayList<>(List.of(Address.ofDatagram(address)));
    if (policy.hasRules(kind) && isFile(address)) {
      SockAddr.Unix unix = (SockAddr.Unix) address;
      PathForms paths = PathForms.of(call);
      paths.all(paths.named(unix.path())).forEach(path -> forms.add(Address.ofUnix(path)));
    }
    return forms;
  }

  static @Nullable Attempt sendto(SyscallEnter call, ProcessState process, Policy policy) {
    EventKind kind = EventKind.NET_CONNECT;
    if (policy.ignores(kind)) {
      return null;
    }
    if (policy.isRestricted(kind)) {
      new PinnedArguments(call).address(call.argument("dest_addr"), call.argument("addrlen"));
    }
    CallArgument to = call.argument("dest_addr");
    // To where it is connected, if it is.
    return to.isNull() || call.argument("addrlen").number() == 0
        ? null
        : datagrams(call, process, policy, List.of(to.sockaddr()));
  }

  static @Nullable Attempt sendmsg(SyscallEnter call, ProcessState process, Policy policy) {
    EventKind kind = EventKind.NET_CONNECT;
    if (policy.ignores(kind)) {
      return null;
    }
    if (policy.isRestricted(kind)) {
      new PinnedArguments(call).message(call.argument("msg"));
    }
    SockAddr to = call.argument("msg").value(MessageHeader.class).name();
    return to == null ? null : datagrams(call, process, policy, List.of(to));
  }

  static @Nullable Attempt sendmmsg(SyscallEnter call, ProcessState process, Policy policy) {
    EventKind kind = EventKind.NET_CONNECT;
    if (policy.ignores(kind)) {
      return null;
    }
    PinnedArguments arguments = new PinnedArguments(call);
    CallArgument messages = call.argument("msgvec");
    MessageVector own = arguments.vector(messages, call.argument("vlen"));
    MessageVector sent = own;
    if (policy.isRestricted(kind)) {
      MessageVector copy = arguments.messages(messages, own);
      process.afterwards(call.tid(), exit -> copy.tellLengths(exit, own));
      sent = copy;
    }
    return datagrams(call, process, policy, sent.destinations(call));
  }

  /**
   * What goes from a socket to one address is told once, and each time that a rule is about it. Of
   * several none is sent when one must not be.
   */
  private static @Nullable Attempt datagrams(
      SyscallEnter call, ProcessState process, Policy policy, List<SockAddr> to) {
    int socket = (int) call.number(0);
    List<Address> all = to.stream().map(Address::ofDatagram).distinct().toList();
    List<Address> unknown = all.stream().filter(each -> process.sent(socket, each)).toList();
    boolean hasRules = policy.hasRules(EventKind.NET_CONNECT);
    List<Address> told = hasRules ? all : unknown;
    if (told.isEmpty()) {
      return null;
    }
    Stream<Address> forms =
        to.stream().flatMap(each -> forms(call, policy, EventKind.NET_CONNECT, each).stream());
    Attempt attempt = connect(told.get(0), forms.distinct().toList());
    if (told.size() > 1) {
      attempt.with("addresses", told.stream().map(Address::toString).toList());
    }
    return unknown.isEmpty() ? attempt.again() : attempt;
  }

  /** A UNIX socket that has a path. */
  static boolean isFile(SockAddr address) {
    return address instanceof SockAddr.Unix unix && !unix.isAbstract() && unix.path().length() > 0;
  }
}
