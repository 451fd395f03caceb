package io.sysmon.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls that i386's socketcall(2) stands for. Its arguments are the number of one of them and
 * the address of that one's arguments; what is printed is the call itself.
 */
final class SocketCall {
  /** In the order of {@code SYS_SOCKET} and so on, from 1; linux/net.h. */
  private static final List<String> NAMES =
      List.of(
          "socket",
          "bind",
          "connect",
          "listen",
          "accept",
          "getsockname",
          "getpeername",
          "socketpair",
          "send",
          "recv",
          "sendto",
          "recvfrom",
          "shutdown",
          "setsockopt",
          "getsockopt",
          "sendmsg",
          "recvmsg",
          "accept4",
          "recvmmsg",
          "sendmmsg");

  /** Calls that are no longer calls of their own: the longer one without its last arguments. */
  private static final Map<String, String> LONGER = Map.of("send", "sendto", "recv", "recvfrom");

  private static final int SHORT = 4;

  private SocketCall() {}

  /** The call that a call stands for; null when it stands for none, or none that can be read. */
  static @Nullable MeantCall of(long[] registers, MemoryReader memory) {
    int number = (int) registers[0];
    return number < 1 || number > NAMES.size()
        ? null
        : MeantCall.inMemory(Meant.CALLS.get(number - 1), registers[1], memory);
  }

  /** Once somebody makes such a call: the table is not complete before. */
  private static final class Meant {
    static final List<SyscallSignature> CALLS = signatures();

    private static List<SyscallSignature> signatures() {
      List<String> longer = NAMES.stream().map(name -> LONGER.getOrDefault(name, name)).toList();
      List<SyscallSignature> signatures =
          new ArrayList<>(MeantCall.signatures("socketcall", longer));
      for (int index = 0; index < NAMES.size(); index++) {
        String name = NAMES.get(index);
        if (LONGER.containsKey(name)) {
          signatures.set(index, signatures.get(index).shortened(name, SHORT));
        }
      }
      return signatures;
    }
  }
}
