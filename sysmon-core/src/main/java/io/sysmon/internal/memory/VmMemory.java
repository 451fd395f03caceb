package io.sysmon.internal.memory;

import io.sysmon.BadAddressException;
import io.sysmon.Errno;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.StringTooLongException;
import io.sysmon.TraceException;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeMemory;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A tracee's memory by process_vm_readv(2) and process_vm_writev(2), and where those do not reach
 * by {@link Words}. Strings are read in pieces of a page.
 */
public final class VmMemory implements TraceeMemory {
  private static final int PAGE = 4096;
  private static final int ESRCH = 3;
  private static final int MAX_STRINGS = 1 << 20;

  private final IntSupplier target;
  private final IntSupplier wordSize;
  private final Supplier<VmTransfer> transfers;
  private final @Nullable Words words;
  private final @Nullable IntSupplier other;

  /**
   * Describes whose memory and by which roads.
   *
   * @param target gives the task, and throws when it may not be accessed now
   * @param wordSize gives the size of a pointer in it, 4 or 8
   * @param transfers gives the block of the calling thread
   * @param words the second road, or null where no task is stopped
   * @param other gives a task to try when the first has no memory any more, or null where there is
   *     no choice
   */
  public VmMemory(
      IntSupplier target,
      IntSupplier wordSize,
      Supplier<VmTransfer> transfers,
      @Nullable Words words,
      @Nullable IntSupplier other) {
    this.other = other;
    this.target = target;
    this.wordSize = wordSize;
    this.transfers = transfers;
    this.words = words;
  }

  @Override
  public int read(long address, byte[] into, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, into.length);
    int tid = target.getAsInt();
    VmTransfer transfer = transfers.get();
    int done = 0;
    while (done < length) {
      int wanted = Math.min(length - done, VmTransfer.CAPACITY);
      int read = moved(read(transfer, tid, address + done, wanted), "reading", tid, address);
      transfer.get(0, into, offset + done, read);
      done += read;
      if (read < wanted) {
        break;
      }
    }
    return done;
  }

  private int read(VmTransfer transfer, int tid, long address, int length) {
    int result = transfer.read(tid, address, length);
    return result == -ESRCH && other != null
        ? transfer.read(other.getAsInt(), address, length)
        : result;
  }

  private int write(VmTransfer transfer, int tid, long address, int length) {
    int result = transfer.write(tid, address, length);
    return result == -ESRCH && other != null
        ? transfer.write(other.getAsInt(), address, length)
        : result;
  }

  @Override
  public byte[] read(long address, int length) {
    if (length < 0) {
      throw new IllegalArgumentException("A length of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    int read = read(address, bytes, 0, length);
    if (read < length) {
      throw bad(
          read == 0
              ? "None of the " + length + " bytes at " + hex(address) + " can be read"
              : "Of " + length + " bytes at " + hex(address) + " only " + read + " could be read",
          address,
          read);
    }
    return bytes;
  }

  @Override
  public int readInt(long address) {
    return number(read(address, Integer.BYTES)).getInt();
  }

  @Override
  public long readLong(long address) {
    return number(read(address, Long.BYTES)).getLong();
  }

  private static ByteBuffer number(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  private long readPointer(long address, int size) {
    return size == Integer.BYTES ? Integer.toUnsignedLong(readInt(address)) : readLong(address);
  }

  @Override
  public String readString(long address) {
    return new String(wholeString(address), StandardCharsets.UTF_8);
  }

  private byte[] wholeString(long address) {
    byte[] bytes = stringBytes(address, MAX_STRING);
    if (bytes.length == MAX_STRING) {
      throw bad(
          "The string at " + hex(address) + " has no NUL within " + MAX_STRING + " bytes",
          address,
          MAX_STRING);
    }
    return bytes;
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
      int read = moved(read(transfer, tid, at, wanted), "reading", tid, at);
      int end = transfer.indexOfZero(read);
      byte[] piece = new byte[end >= 0 ? end : read];
      transfer.get(0, piece, 0, piece.length);
      if (end < 0 && read < wanted) {
        int readable = done + read;
        throw bad(
            readable == 0
                ? "Nothing can be read at " + hex(address) + ", where a string was expected"
                : "The string at "
                    + hex(address)
                    + " cannot be read beyond its first "
                    + readable
                    + " bytes",
            address,
            readable);
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

  @Override
  public List<String> readStrings(long address) {
    int word = wordSize.getAsInt();
    List<String> strings = new ArrayList<>();
    long at = address;
    while (strings.size() < MAX_STRINGS) {
      long pointer = readPointer(at, word);
      if (pointer == 0) {
        return List.copyOf(strings);
      }
      strings.add(readString(pointer));
      at += word;
    }
    throw bad(
        "The array of strings at " + hex(address) + " has no end within " + MAX_STRINGS,
        address,
        MAX_STRINGS);
  }

  @Override
  public List<Iovec> readIovec(long address, int count) {
    if (count < 0) {
      throw new IllegalArgumentException("A count of " + count + " elements");
    }
    int word = wordSize.getAsInt();
    List<Iovec> ranges = new ArrayList<>(Math.min(count, PAGE));
    for (int i = 0; i < count; i++) {
      long at = address + 2L * i * word;
      ranges.add(new Iovec(readPointer(at, word), readPointer(at + word, word)));
    }
    return List.copyOf(ranges);
  }

  @Override
  public void write(long address, byte[] bytes) {
    int tid = target.getAsInt();
    VmTransfer transfer = transfers.get();
    int done = 0;
    while (done < bytes.length) {
      int wanted = Math.min(bytes.length - done, VmTransfer.CAPACITY);
      transfer.put(bytes, done, wanted);
      int written = moved(write(transfer, tid, address + done, wanted), "writing", tid, address);
      done += written;
      if (written < wanted) {
        writeByWords(tid, address, bytes, done);
        return;
      }
    }
  }

  private void writeByWords(int tid, long address, byte[] bytes, int done) {
    if (words != null) {
      words.write(tid, address + done, bytes, done, bytes.length - done, done);
      return;
    }
    throw bad(
        "Of "
            + bytes.length
            + " bytes only "
            + done
            + " could be written to "
            + hex(address)
            + "; pages that the program itself may not write are written in a callback, by the"
            + " memory of its view",
        address,
        done);
  }

  @Override
  public void writeInt(long address, int value) {
    byte[] bytes = new byte[Integer.BYTES];
    number(bytes).putInt(value);
    write(address, bytes);
  }

  @Override
  public void writeLong(long address, long value) {
    byte[] bytes = new byte[Long.BYTES];
    number(bytes).putLong(value);
    write(address, bytes);
  }

  @Override
  public void replaceString(long address, String text) {
    byte[] terminated = terminated(text);
    int length = terminated.length - 1;
    int original = wholeString(address).length;
    if (length > original) {
      throw new StringTooLongException(
          "Task "
              + target.getAsInt()
              + ": "
              + length
              + " bytes do not fit in place of the "
              + original
              + " bytes of the string at "
              + hex(address)
              + "; relocate it",
          original,
          length);
    }
    write(address, terminated);
  }

  /** The bytes of a string with its NUL. */
  static byte[] terminated(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("A C string cannot contain U+0000");
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  @Override
  public long peekData(long address) {
    return words().peek(target.getAsInt(), address);
  }

  @Override
  public void pokeData(long address, long word) {
    words().poke(target.getAsInt(), address, word);
  }

  private Words words() {
    if (words == null) {
      throw new IllegalTraceeStateException(
          "PTRACE_PEEKDATA and PTRACE_POKEDATA need a stopped task; use the memory of a view, in its"
              + " callback");
    }
    return words;
  }

  /** How many bytes were moved: 0 for {@code EFAULT}, which tells that not even the first was. */
  private static int moved(int result, String what, int tid, long address) {
    if (result >= 0) {
      return result;
    }
    Errno errno = Errno.of(-result);
    return switch (errno) {
      case EFAULT -> 0;
      case ESRCH ->
          throw new TraceeDiedException(
              "Task " + tid + " ended before " + what + " its memory at " + hex(address));
      case EPERM ->
          throw new TracePermissionException(
              "The kernel refuses "
                  + what
                  + " the memory of task "
                  + tid
                  + ": to a program that is not dumpable (PR_SET_DUMPABLE, or a file that may be"
                  + " executed but not read), this takes CAP_SYS_PTRACE");
      default ->
          throw new TraceException(
              "Failure of "
                  + what
                  + " the memory of task "
                  + tid
                  + " at "
                  + hex(address)
                  + ": "
                  + errno.message());
    };
  }

  private BadAddressException bad(String what, long address, int transferred) {
    return new BadAddressException(
        "Task " + target.getAsInt() + ": " + what + (address == 0 ? " (a null pointer)" : ""),
        address,
        transferred);
  }

  private static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }
}
