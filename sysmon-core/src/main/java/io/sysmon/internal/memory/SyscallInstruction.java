package io.sysmon.internal.memory;

import io.sysmon.TraceException;
import io.sysmon.TraceeDiedException;
import io.sysmon.internal.sys.Ptrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Finds a system call instruction in a stopped tracee: the one that it has just executed, or, where
 * that is elsewhere than before the instruction pointer (rt_sigreturn and execve return to other
 * code than they were called from), one of the kernel's own in the vdso, which every program has.
 */
final class SyscallInstruction {
  private static final int ESRCH = 3;

  private SyscallInstruction() {}

  static long of(Ptrace ptrace, byte[] instruction, int tid, long instructionPointer) {
    long before = instructionPointer - instruction.length;
    int same = 0;
    while (same < instruction.length && byteAt(ptrace, tid, before + same) == instruction[same]) {
      same++;
    }
    return same == instruction.length ? before : inVdso(new VmTransfer(), instruction, tid);
  }

  private static TraceeDiedException ended(int tid) {
    return new TraceeDiedException("Task " + tid + " ended before its memory was read");
  }

  private static byte byteAt(Ptrace ptrace, int tid, long address) {
    // An aligned word is in one page. What cannot be read is 0, which begins no such instruction.
    long word = ptrace.peekData(tid, address & -Long.BYTES);
    if (ptrace.peekFailure() == -ESRCH) {
      throw ended(tid);
    }
    int shift = (int) (address & (Long.BYTES - 1)) * Byte.SIZE;
    return (byte) (word >>> shift);
  }

  private static long inVdso(VmTransfer transfer, byte[] instruction, int tid) {
    String maps;
    try {
      maps = Files.readString(Path.of("/proc/" + tid + "/maps"));
    } catch (IOException e) {
      maps = "";
    }
    if (maps.isEmpty()) {
      throw ended(tid);
    }
    String range =
        maps.lines()
            .filter(line -> line.endsWith("[vdso]"))
            .map(line -> line.substring(0, line.indexOf(' ')))
            .findFirst()
            .orElse("");
    if (!range.isEmpty()) {
      long start = Long.parseUnsignedLong(range.substring(0, range.indexOf('-')), 16);
      long end = Long.parseUnsignedLong(range.substring(range.indexOf('-') + 1), 16);
      byte[] code = new byte[(int) Math.min(end - start, VmTransfer.CAPACITY)];
      int size = transfer.read(tid, start, code.length);
      if (size <= 0) {
        throw ended(tid);
      }
      transfer.get(0, code, 0, size);
      for (int i = 0; i + instruction.length <= size; i++) {
        if (Arrays.equals(code, i, i + instruction.length, instruction, 0, instruction.length)) {
          return start + i;
        }
      }
    }
    throw new TraceException(
        "Task "
            + tid
            + " has no system call instruction before its instruction pointer, nor a vdso");
  }
}
