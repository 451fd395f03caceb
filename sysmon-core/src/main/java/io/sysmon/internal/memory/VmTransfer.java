package io.sysmon.internal.memory;

import io.sysmon.internal.sys.OffHeap;
import io.sysmon.internal.sys.ProcessVm;
import java.nio.ByteBuffer;

/**
 * process_vm_readv(2) and process_vm_writev(2), or {@link MemFile} where those might wait forever,
 * through a bounded off-heap block. Results are byte counts, or minus the errno when not even the
 * first byte could be moved. Used by one thread.
 */
public final class VmTransfer {
  /** The most that one transfer moves. */
  public static final int CAPACITY = 1 << 16;

  private static final int IOVEC_SIZE = 16;
  private static final int LOCAL = 0;
  private static final int REMOTE = IOVEC_SIZE;
  private static final int DATA = 2 * IOVEC_SIZE;

  private final OffHeap memory = new OffHeap(DATA + CAPACITY);
  private final ByteBuffer bytes = memory.buffer();

  private boolean neverWaits;

  /** Creates the block. */
  public VmTransfer() {}

  /**
   * From now on it does not wait for pages that a program gives itself, by userfaultfd(2): it finds
   * no memory where they are not there yet.
   */
  public void neverWait() {
    neverWaits = true;
  }

  /** Whether {@link #neverWait} was called. */
  public boolean waitsNever() {
    return neverWaits;
  }

  /**
   * Reads up to {@link #CAPACITY} bytes; {@link #get} then takes them out.
   *
   * @return how many were read: fewer than {@code length} when the range ends in memory that cannot
   *     be read; or minus the errno
   */
  public int read(int tid, long address, int length) {
    if (neverWaits) {
      return MemFile.read(tid, memory.address(DATA), address, length);
    }
    iovecs(address, length);
    return (int) ProcessVm.readv(tid, memory.address(LOCAL), memory.address(REMOTE));
  }

  /** Writes the first {@code length} bytes that {@link #put} left; as {@link #read}. */
  public int write(int tid, long address, int length) {
    if (neverWaits) {
      return MemFile.write(tid, memory.address(DATA), address, length);
    }
    iovecs(address, length);
    return (int) ProcessVm.writev(tid, memory.address(LOCAL), memory.address(REMOTE));
  }

  /** As {@link #write}, also to pages that the program itself may not write. */
  public int force(int tid, long address, int length) {
    return MemFile.write(tid, memory.address(DATA), address, length);
  }

  /** Copies bytes of the block out. */
  public void get(int from, byte[] into, int offset, int length) {
    bytes.get(DATA + from, into, offset, length);
  }

  /** Copies bytes into the block. */
  public void put(byte[] from, int offset, int length) {
    bytes.put(DATA, from, offset, length);
  }

  /** The index of the first zero among the first {@code length} bytes, or −1. */
  public int indexOfZero(int length) {
    for (int i = 0; i < length; i++) {
      if (bytes.get(DATA + i) == 0) {
        return i;
      }
    }
    return -1;
  }

  private void iovecs(long address, int length) {
    bytes.putLong(LOCAL, memory.address(DATA));
    bytes.putLong(LOCAL + Long.BYTES, length);
    bytes.putLong(REMOTE, address);
    bytes.putLong(REMOTE + Long.BYTES, length);
  }
}
