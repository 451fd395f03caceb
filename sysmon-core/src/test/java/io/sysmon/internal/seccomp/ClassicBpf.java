package io.sysmon.internal.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;

/**
 * Checks and runs a seccomp filter as the kernel does: net/core/filter.c bpf_check_classic(),
 * kernel/seccomp.c seccomp_check_filter().
 */
final class ClassicBpf {
  private static final int SECCOMP_DATA_SIZE = 64;
  private static final int MAX_INSTRUCTIONS = 4096;

  private static final int LD_W_ABS = 0x20;
  private static final int ALU_AND_K = 0x54;
  private static final int JMP_JA = 0x05;
  private static final int JMP_JEQ_K = 0x15;
  private static final int JMP_JGE_K = 0x35;
  private static final int RET_K = 0x06;

  /** Of those that seccomp_check_filter() lets pass, the ones that this simulator can run. */
  private static final Set<Integer> KNOWN =
      Set.of(LD_W_ABS, ALU_AND_K, JMP_JA, JMP_JEQ_K, JMP_JGE_K, RET_K);

  private final ByteBuffer program;
  private final int length;

  ClassicBpf(byte[] bytes) {
    program = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    length = bytes.length / 8;
    check(bytes.length % 8 == 0, "a size in whole instructions");
    check(length > 0 && length <= MAX_INSTRUCTIONS, "1 to 4096 instructions");
    for (int at = 0; at < length; at++) {
      checkInstruction(at);
    }
    check(code(length - 1) == RET_K, "a return at its end");
  }

  private void checkInstruction(int at) {
    check(KNOWN.contains(code(at)), "known instructions");
    switch (code(at)) {
      case LD_W_ABS ->
          check(
              Integer.compareUnsigned(k(at), SECCOMP_DATA_SIZE) < 0 && k(at) % 4 == 0,
              "loads of aligned words of seccomp_data");
      // Unsigned, and subtracted there too: k itself may be anything.
      case JMP_JA ->
          check(Integer.compareUnsigned(k(at), length - at - 1) < 0, "jumps into the program");
      case JMP_JEQ_K, JMP_JGE_K ->
          check(
              at + jt(at) + 1 < length && at + jf(at) + 1 < length,
              "conditional jumps into the program");
      default -> {}
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("EINVAL: the kernel wants " + what);
    }
  }

  private int code(int at) {
    return Short.toUnsignedInt(program.getShort(8 * at));
  }

  private int jt(int at) {
    return Byte.toUnsignedInt(program.get(8 * at + 2));
  }

  private int jf(int at) {
    return Byte.toUnsignedInt(program.get(8 * at + 3));
  }

  private int k(int at) {
    return program.getInt(8 * at + 4);
  }

  /** What it answers, and after how many instructions. */
  record Answer(int action, int steps) {}

  Answer run(int number, int arch, long... arguments) {
    ByteBuffer data = ByteBuffer.allocate(SECCOMP_DATA_SIZE).order(ByteOrder.nativeOrder());
    data.putInt(number).putInt(arch).putLong(0);
    for (long argument : arguments) {
      data.putLong(argument);
    }
    int accumulator = 0;
    int at = 0;
    for (int steps = 1; ; steps++) {
      int k = k(at);
      switch (code(at)) {
        case RET_K -> {
          return new Answer(k, steps);
        }
        case LD_W_ABS -> accumulator = data.getInt(k);
        case ALU_AND_K -> accumulator &= k;
        case JMP_JA -> at += k;
        case JMP_JEQ_K -> at += accumulator == k ? jt(at) : jf(at);
        case JMP_JGE_K -> at += Integer.compareUnsigned(accumulator, k) >= 0 ? jt(at) : jf(at);
        default -> throw new AssertionError("code " + code(at));
      }
      at++;
    }
  }
}
