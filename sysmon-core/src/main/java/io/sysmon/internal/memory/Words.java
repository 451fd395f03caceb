package io.sysmon.internal.memory;

import io.sysmon.BadAddressException;
import io.sysmon.TraceeDiedException;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The second road to a tracee's memory: {@code PTRACE_PEEKDATA} and {@code PTRACE_POKEDATA}, a word
 * at a time. It reaches pages that the tracee itself may not write (kernel: {@code FOLL_FORCE}), of
 * which it makes a private copy. Tracer thread only, for a stopped task.
 */
public final class Words {
  private static final int WORD = Long.BYTES;
  private static final int ESRCH = 3;
  private static final int EFAULT = 14;
  private static final int EIO = 5;

  private final Ptrace ptrace;
  private final byte[] word = new byte[WORD];
  private final ByteBuffer number = ByteBuffer.wrap(word).order(ByteOrder.nativeOrder());

  /** Uses the requests of the calling thread. */
  public Words(Ptrace ptrace) {
    this.ptrace = ptrace;
  }

  /**
   * Reads a word.
   *
   * @throws BadAddressException when it is not mapped
   */
  public long peek(int tid, long address) {
    long value = ptrace.peekData(tid, address);
    check(ptrace.peekFailure(), "PTRACE_PEEKDATA", tid, address, 0);
    return value;
  }

  /**
   * Writes a word.
   *
   * @throws BadAddressException when it is not mapped; it tells how many bytes were written
   */
  public void poke(int tid, long address, long value) {
    if ((address & WORD - 1) == 0) {
      check(ptrace.pokeData(tid, address, value), "PTRACE_POKEDATA", tid, address, 0);
    } else {
      // The kernel fails a word of two pages when only the first is mapped, and has written to it.
      byte[] bytes = ByteBuffer.allocate(WORD).order(number.order()).putLong(value).array();
      write(tid, address, bytes, 0, WORD, 0);
    }
  }

  /**
   * Writes bytes; the words at both ends keep their other bytes. Each word is in one page.
   *
   * @param before how many bytes of the caller's range were written before these
   * @throws BadAddressException when a word is not mapped; it tells how many bytes were written
   */
  public void write(int tid, long address, byte[] bytes, int offset, int length, int before) {
    int done = 0;
    while (done < length) {
      long at = address + done;
      long aligned = at & -WORD;
      int skip = (int) (at - aligned);
      int part = Math.min(WORD - skip, length - done);
      if (part < WORD) {
        long old = ptrace.peekData(tid, aligned);
        check(ptrace.peekFailure(), "PTRACE_PEEKDATA", tid, address - before, before + done);
        number.putLong(0, old);
      }
      System.arraycopy(bytes, offset + done, word, skip, part);
      check(
          ptrace.pokeData(tid, aligned, number.getLong(0)),
          "PTRACE_POKEDATA",
          tid,
          address - before,
          before + done);
      done += part;
    }
  }

  private static void check(long result, String request, int tid, long address, int written) {
    if (result == -EFAULT || result == -EIO) {
      throw new BadAddressException(
          "Task "
              + tid
              + ": "
              + request
              + " finds no memory at 0x"
              + Long.toHexString(address)
              + (written == 0 ? "" : " behind " + written + " bytes, which were written")
              + (address == 0 ? " (a null pointer)" : ""),
          address,
          written);
    }
    if (result == -ESRCH) {
      // The task was in a stop, and this is its tracer: only SIGKILL ends that.
      throw new TraceeDiedException("Task " + tid + " was killed before its memory was accessed");
    }
    SystemCallException.check(result, request, tid);
  }
}
