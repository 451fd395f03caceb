package io.sysmon.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The call that a call of i386 stands for: socketcall(2) and ipc(2) are many calls in one, and the
 * first mmap(2) and select(2) have their arguments in memory. What is printed is the call itself.
 */
final class MeantCall {
  private final SyscallSignature signature;
  private final long[] arguments;

  MeantCall(SyscallSignature signature, long... arguments) {
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
  static @Nullable MeantCall of(SyscallSignature call, long[] registers, MemoryReader memory) {
    if (call.layout() != AbiLayout.I386) {
      return null;
    }
    return switch (call.name()) {
      case "socketcall" -> SocketCall.of(registers, memory);
      case "ipc" -> IpcCall.of(registers, memory);
      case "mmap" -> inMemory(OfOthers.MMAP, registers[0], memory);
      case "select" -> inMemory(OfOthers.SELECT, registers[0], memory);
      default -> null;
    };
  }

  /** A call whose arguments are words at an address; null when they cannot be read. */
  static @Nullable MeantCall inMemory(SyscallSignature meant, long address, MemoryReader memory) {
    long[] words = words(address, meant.arguments().size(), memory);
    return words == null ? null : new MeantCall(meant, words);
  }

  /** Words of i386 at an address; null when they cannot be read. */
  static long @Nullable [] words(long address, int count, MemoryReader memory) {
    int word = AbiLayout.I386.wordSize();
    byte[] bytes = new byte[word * count];
    if (memory.read(AbiLayout.I386.truncate(address), bytes, 0, bytes.length) != bytes.length) {
      return null;
    }
    StructBytes read = new StructBytes(bytes, 0, AbiLayout.I386);
    long[] words = new long[count];
    for (int index = 0; index < count; index++) {
      words[index] = read.word(word * index);
    }
    return words;
  }

  /** Calls of x86_64 as those that a call of i386 stands for. */
  static List<SyscallSignature> signatures(String multiplexer, List<String> names) {
    SyscallNumbers table = SyscallTable.get().abi(AbiLayout.X86_64.label());
    long number = SyscallTable.get().abi(AbiLayout.I386.label()).number(multiplexer);
    List<SyscallSignature> signatures = new ArrayList<>();
    for (String name : names) {
      signatures.add(table.byName(name).orElseThrow().renumbered(AbiLayout.I386, number));
    }
    return signatures;
  }

  /** Once somebody makes such a call: the table is not complete before. */
  private static final class OfOthers {
    static final SyscallSignature MMAP = signatures("mmap", List.of("mmap")).get(0);
    static final SyscallSignature SELECT = signatures("select", List.of("select")).get(0);
  }
}
