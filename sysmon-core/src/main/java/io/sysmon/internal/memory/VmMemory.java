package io.sysmon.internal.memory;

import io.sysmon.BadAddressException;
import io.sysmon.Errno;
import io.sysmon.TraceException;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeMemory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** A tracee's memory by process_vm_readv(2), in pieces of a page for strings. */
public final class VmMemory implements TraceeMemory {
  private static final int PAGE = 4096;

  private final IntSupplier target;
  private final Supplier<VmTransfer> transfers;

  /**
   * Describes whose memory and through which block.
   *
   * @param target gives the task to read, and throws when it may not be read now
   * @param transfers gives the block of the calling thread
   */
  public VmMemory(IntSupplier target, Supplier<VmTransfer> transfers) {
    this.target = target;
    this.transfers = transfers;
  }

  @Override
  public int read(long address, byte[] into, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, into.length);
    int tid = target.getAsInt();
    VmTransfer transfer = transfers.get();
    int done = 0;
    while (done < length) {
      int wanted = Math.min(length - done, VmTransfer.CAPACITY);
      int read = transfer(transfer, tid, address + done, wanted);
      transfer.get(0, into, offset + done, read);
      done += read;
      if (read < wanted) {
        break;
      }
    }
    return done;
  }

  @Override
  public byte[] read(long address, int length) {
    if (length < 0) {
      throw new IllegalArgumentException("A length of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    int read = read(address, bytes, 0, length);
    if (read < length) {
      throw unreadable(
          "Of " + length + " bytes at " + hex(address) + " only " + read + " could be read",
          address,
          read);
    }
    return bytes;
  }

  @Override
  public String readString(long address) {
    byte[] bytes = stringBytes(address, MAX_STRING);
    if (bytes.length == MAX_STRING) {
      throw unreadable(
          "The string at " + hex(address) + " has no NUL within " + MAX_STRING + " bytes",
          address,
          MAX_STRING);
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public String readString(long address, int maxBytes) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("A limit of " + maxBytes + " bytes");
    }
    return new String(stringBytes(address, maxBytes), StandardCharsets.UTF_8);
  }

  private byte[] stringBytes(long address, int limit) {
    int tid = target.getAsInt();
    VmTransfer transfer = transfers.get();
    ByteArrayOutputStream earlier = null;
    int done = 0;
    while (done < limit) {
      long at = address + done;
      int toPageEnd = PAGE - (int) (at & (PAGE - 1));
      int wanted = Math.min(toPageEnd, limit - done);
      int read = transfer(transfer, tid, at, wanted);
      int end = transfer.indexOfZero(read);
      byte[] piece = new byte[end >= 0 ? end : read];
      transfer.get(0, piece, 0, piece.length);
      if (end < 0 && read < wanted) {
        throw unreadable(
            "The string at "
                + hex(address)
                + " cannot be read beyond its first "
                + (done + read)
                + " bytes",
            address,
            done + read);
      }
      done += piece.length;
      if (earlier == null && (end >= 0 || done == limit)) {
        return piece;
      }
      if (earlier == null) {
        earlier = new ByteArrayOutputStream(2 * PAGE);
      }
      earlier.writeBytes(piece);
      if (end >= 0) {
        break;
      }
    }
    return earlier == null ? new byte[0] : earlier.toByteArray();
  }

  private static int transfer(VmTransfer transfer, int tid, long address, int length) {
    int read = transfer.read(tid, address, length);
    if (read >= 0) {
      return read;
    }
    Errno errno = Errno.of(-read);
    return switch (errno) {
      case EFAULT -> 0;
      case ESRCH ->
          throw new TraceeDiedException(
              "Task " + tid + " ended before its memory at " + hex(address) + " was read");
      case EPERM ->
          throw new TracePermissionException(
              "The kernel refuses to let this process read the memory of task "
                  + tid
                  + ": process_vm_readv(2) needs the right to attach to it");
      default ->
          throw new TraceException(
              "Reading the memory of task " + tid + " at " + hex(address) + ": " + errno.message());
    };
  }

  private BadAddressException unreadable(String what, long address, int transferred) {
    return new BadAddressException(
        "Task " + target.getAsInt() + ": " + what + (address == 0 ? " (a null pointer)" : ""),
        address,
        transferred);
  }

  private static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }
}
