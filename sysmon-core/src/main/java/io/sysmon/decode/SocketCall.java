package io.sysmon.decode;

import java.util.ArrayList;
import java.util.Arrays;
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

  private final SyscallSignature signature;
  private final long[] arguments;

  private SocketCall(SyscallSignature signature, long[] arguments) {
    this.signature = signature;
    this.arguments = arguments;
  }

  SyscallSignature signature() {
    return signature;
  }

  long[] arguments() {
    return Arrays.copyOf(arguments, arguments.length);
  }

  /** The call that a call stands for; null when it stands for none, or none that can be read. */
  static @Nullable SocketCall of(
      SyscallSignature signature, long[] registers, MemoryReader memory) {
    if (!signature.name().equals("socketcall") || registers.length < 2) {
      return null;
    }
    int number = (int) registers[0];
    if (number < 1 || number > NAMES.size()) {
      return null;
    }
    SyscallSignature meant = Meant.CALLS.get(number - 1);
    int word = signature.layout().wordSize();
    byte[] bytes = new byte[word * meant.arguments().size()];
    long address = signature.layout().truncate(registers[1]);
    if (memory.read(address, bytes, 0, bytes.length) != bytes.length) {
      return null;
    }
    StructBytes words = new StructBytes(bytes, 0, signature.layout());
    long[] arguments = new long[meant.arguments().size()];
    for (int index = 0; index < arguments.length; index++) {
      arguments[index] = words.word(word * index);
    }
    return new SocketCall(meant, arguments);
  }

  /** Once somebody makes such a call: the table is not complete before. */
  private static final class Meant {
    static final List<SyscallSignature> CALLS = signatures();

    private static List<SyscallSignature> signatures() {
      SyscallNumbers table = SyscallTable.get().abi(AbiLayout.X86_64.label());
      long number = SyscallTable.get().abi(AbiLayout.I386.label()).number("socketcall");
      List<SyscallSignature> signatures = new ArrayList<>();
      for (String name : NAMES) {
        String longer = LONGER.getOrDefault(name, name);
        SyscallSignature call =
            table.byName(longer).orElseThrow().renumbered(AbiLayout.I386, number);
        signatures.add(longer.equals(name) ? call : call.shortened(name, SHORT));
      }
      return signatures;
    }
  }
}
