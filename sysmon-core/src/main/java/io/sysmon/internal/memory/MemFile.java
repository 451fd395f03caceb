package io.sysmon.internal.memory;

import io.sysmon.internal.sys.LibC;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.OffHeap;
import java.nio.charset.StandardCharsets;

/**
 * A tracee's memory by {@code /proc/TID/mem} (proc(5)): as process_vm_readv(2), at the cost of
 * opening and closing a file, but without waiting for a page that the program gives itself, by
 * userfaultfd(2): mm/memory.c __access_remote_vm() has no lock that it could give up meanwhile.
 */
final class MemFile {
  private static final int O_RDWR_CLOEXEC = 0x80002;
  private static final int EIO = 5;
  private static final int EACCES = 13;
  private static final int ENOENT = 2;
  private static final int EPERM = 1;
  private static final int ESRCH = 3;
  private static final int EFAULT = 14;
  private static final int EINVAL = 22;
  private static final int NAME_SIZE = 32;

  private MemFile() {}

  private interface Transfer {
    long move(LibC libc, int fd);
  }

  /** Reads into a native address; a byte count, or minus the errno of process_vm_readv(2). */
  static int read(int tid, long local, long remote, int length) {
    return transfer(tid, (libc, fd) -> libc.pread(fd, local, length, remote));
  }

  /** Writes from a native address; also to pages that the program itself may not write. */
  static int write(int tid, long local, long remote, int length) {
    return transfer(tid, (libc, fd) -> libc.pwrite(fd, local, length, remote));
  }

  private static int transfer(int tid, Transfer transfer) {
    LibC libc = Native.libc();
    int fd = open(libc, tid);
    if (fd < 0) {
      return fd;
    }
    long moved = transfer.move(libc, fd);
    int errno = moved < 0 ? Native.errno() : 0;
    libc.close(fd);
    if (moved == 0) {
      // A task that has left its memory.
      return -ESRCH;
    }
    return switch (errno) {
      case 0 -> (int) moved;
      // EINVAL: in the upper half, which is a negative offset.
      case EIO, EINVAL -> -EFAULT;
      default -> -errno;
    };
  }

  private static int open(LibC libc, int tid) {
    byte[] path = ("/proc/" + tid + "/mem").getBytes(StandardCharsets.US_ASCII);
    OffHeap name = new OffHeap(NAME_SIZE);
    name.buffer().put(0, path);
    int fd = libc.open(name.address(0), O_RDWR_CLOEXEC, 0);
    if (fd >= 0) {
      return fd;
    }
    int errno = Native.errno();
    return switch (errno) {
      case ENOENT -> -ESRCH;
      case EACCES -> -EPERM;
      default -> -errno;
    };
  }
}
