package io.sysmon.internal.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * The code that the kernel gives every native program (vdso(7)): the same bytes in each, in whole
 * pages. The last page has some that belong to nothing, behind the section headers.
 */
public final class Vdso {
  /** {@code AT_SYSINFO_EHDR} (getauxval(3)). */
  private static final long ADDRESS = 33;

  private static final int HEADER_SIZE = 64;
  private static final int E_SHOFF_OFFSET = 40;
  private static final int E_SHENTSIZE_OFFSET = 58;
  private static final int E_SHNUM_OFFSET = 60;
  private static final int PAGE = 4096;
  private static final int ALIGNMENT = 8;

  private static final Optional<Vdso> OWN = findOwn(new VmTransfer());

  private final byte[] image;
  private final int size;

  private Vdso(byte[] image, int size) {
    this.image = image;
    this.size = size;
  }

  /** This JVM's; empty when there is none, or none that ends as described. */
  public static Optional<Vdso> own() {
    return OWN;
  }

  private static Optional<Vdso> findOwn(VmTransfer transfer) {
    int self = (int) ProcessHandle.current().pid();
    long address = address(self);
    byte[] header = new byte[HEADER_SIZE];
    if (address == 0 || !read(transfer, self, address, header)) {
      return Optional.empty();
    }
    ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.nativeOrder());
    long end =
        fields.getLong(E_SHOFF_OFFSET)
            + (long) fields.getShort(E_SHENTSIZE_OFFSET) * fields.getShort(E_SHNUM_OFFSET);
    if (end < HEADER_SIZE || end > VmTransfer.CAPACITY - PAGE) {
      return Optional.empty();
    }
    int aligned = ((int) end + ALIGNMENT - 1) & -ALIGNMENT;
    int size = ((int) end + PAGE - 1) & -PAGE;
    byte[] all = new byte[size];
    if (!read(transfer, self, address, all)
        || !Arrays.equals(all, aligned, size, new byte[size], aligned, size)) {
      return Optional.empty();
    }
    return Optional.of(new Vdso(Arrays.copyOf(all, aligned), size));
  }

  private static boolean read(VmTransfer transfer, int tid, long address, byte[] into) {
    if (transfer.read(tid, address, into.length) != into.length) {
      return false;
    }
    transfer.get(0, into, 0, into.length);
    return true;
  }

  /** Where a task's program was given it; 0 when that is not to be found. */
  public static long address(int tid) {
    try {
      byte[] vector = Files.readAllBytes(Path.of("/proc/" + tid + "/auxv"));
      ByteBuffer entries = ByteBuffer.wrap(vector).order(ByteOrder.nativeOrder());
      while (entries.remaining() >= 2 * Long.BYTES) {
        long type = entries.getLong();
        long value = entries.getLong();
        if (type == ADDRESS) {
          return value;
        }
      }
    } catch (IOException e) {
      // It has ended, or /proc is not for it: without an address it is not to be found.
      return 0;
    }
    return 0;
  }

  /** Where the free bytes begin, from its address on. */
  public int freeOffset() {
    return image.length;
  }

  /** How many free bytes there are. */
  public int freeSize() {
    return size - image.length;
  }

  /** Whether it is at an address of a task's memory: a program may move it, or do without. */
  public boolean isAt(VmTransfer transfer, int tid, long address) {
    byte[] there = new byte[image.length];
    return read(transfer, tid, address, there) && Arrays.equals(there, image);
  }
}
