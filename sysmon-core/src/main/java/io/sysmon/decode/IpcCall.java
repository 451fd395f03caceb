package io.sysmon.decode;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls that i386's ipc(2) stands for. Its arguments are the number of one of them and five
 * words, of which each takes some, in an order of its own.
 */
final class IpcCall {
  private static final List<Integer> NUMBERS = List.of(1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24);
  private static final List<String> NAMES =
      List.of(
          "semop",
          "semget",
          "semctl",
          "semtimedop",
          "msgsnd",
          "msgrcv",
          "msgget",
          "msgctl",
          "shmat",
          "shmdt",
          "shmget",
          "shmctl");

  /** In which registers their arguments are. */
  private static final List<String> REGISTERS =
      List.of("142", "123", "1234", "1425", "1423", "14253", "12", "124", "142", "4", "123", "124");

  private static final int POINTER = 4;
  private static final int SEMCTL = 3;
  private static final int MSGRCV = 12;

  private IpcCall() {}

  /** The call that a call stands for; null when it stands for none, or none that can be read. */
  static @Nullable MeantCall of(long[] registers, MemoryReader memory) {
    int number = (int) registers[0] & 0xffff;
    int version = (int) registers[0] >>> 16;
    int index = NUMBERS.indexOf(number);
    if (index < 0) {
      return null;
    }
    SyscallSignature meant = Meant.CALLS.get(index);
    String order = REGISTERS.get(index);
    long[] arguments = new long[order.length()];
    for (int argument = 0; argument < arguments.length; argument++) {
      arguments[argument] = registers[Character.digit(order.charAt(argument), 10)];
    }
    if (number == SEMCTL) {
      return pointed(meant, arguments, registers[POINTER], memory, 3);
    }
    if (number == MSGRCV && version == 0) {
      return pointed(meant, arguments, registers[POINTER], memory, 1, 3);
    }
    return new MeantCall(meant, arguments);
  }

  /** Some arguments are not in registers but where the pointer says, one behind the other. */
  private static @Nullable MeantCall pointed(
      SyscallSignature meant, long[] arguments, long address, MemoryReader memory, int... which) {
    long[] words = MeantCall.words(address, which.length, memory);
    if (words == null) {
      return null;
    }
    for (int index = 0; index < which.length; index++) {
      arguments[which[index]] = words[index];
    }
    return new MeantCall(meant, arguments);
  }

  /** Once somebody makes such a call: the table is not complete before. */
  private static final class Meant {
    static final List<SyscallSignature> CALLS = MeantCall.signatures("ipc", NAMES);
  }
}
