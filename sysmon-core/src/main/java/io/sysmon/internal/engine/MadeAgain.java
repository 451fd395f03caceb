package io.sysmon.internal.engine;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Calls that answer {@code EINTR} for any interruption (signal(7), "Interruption of system calls"),
 * also for one by the tracer, of which the program must not hear: they have done nothing then, and
 * do the same when they are made again with the same arguments. A timeout begins anew, unless it is
 * a point in time.
 *
 * <p>What the kernel itself restarts is not listed. Nor are calls whose effect is not known when
 * they answer {@code EINTR}: close(2) has closed the descriptor, ioctl(2) is up to the driver, and
 * for unlink(2), rename(2) and others that change a file system, a server in user space may have
 * made the change all the same, so that it would fail the second time. The program is told of
 * these, as it would be after {@code SIGSTOP} and {@code SIGCONT}.
 */
final class MadeAgain {
  /** No wait of theirs is ever restarted, with a timeout or without. */
  private static final String[] WAITS = {
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "futex_waitv",
    "io_getevents",
    "io_pgetevents",
    "io_pgetevents_time64",
    "io_uring_enter",
    "msgrcv",
    "msgsnd",
    "rt_sigtimedwait",
    "rt_sigtimedwait_time64",
    "semop",
    "semtimedop",
    "semtimedop_time64",
    // By which i386 reaches semop and its like.
    "ipc",
  };

  /** Not restarted when {@code SO_RCVTIMEO} or {@code SO_SNDTIMEO} is set (socket(7)). */
  private static final String[] OF_SOCKETS = {
    "accept",
    "accept4",
    "connect",
    "recvfrom",
    "recvmmsg",
    "recvmmsg_time64",
    "recvmsg",
    "sendmmsg",
    "sendmsg",
    "sendto",
    // By which i386 reaches them.
    "socketcall",
  };

  /**
   * Interruptible in drivers ({@code mutex_lock_interruptible}), for sockets as above, and in file
   * systems whose server runs in user space and honours interrupts (fuse(4), {@code
   * FUSE_INTERRUPT}).
   */
  private static final String[] OF_FILES = {
    "access",
    "chdir",
    "execve",
    "execveat",
    "faccessat",
    "faccessat2",
    "fchdir",
    "fdatasync",
    "fgetxattr",
    "flistxattr",
    "fstat",
    "fstat64",
    "fstatat64",
    "fstatfs",
    "fstatfs64",
    "fsync",
    "getdents",
    "getdents64",
    "getxattr",
    "getxattrat",
    "lgetxattr",
    "listxattr",
    "listxattrat",
    "llistxattr",
    "lseek",
    "_llseek",
    "lstat",
    "lstat64",
    "newfstatat",
    "oldfstat",
    "oldlstat",
    "oldstat",
    "open",
    "openat",
    "openat2",
    "pread64",
    "preadv",
    "preadv2",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readlink",
    "readlinkat",
    "readv",
    "stat",
    "stat64",
    "statfs",
    "statfs64",
    "statx",
    "syncfs",
    "write",
    "writev",
    // tmpfs takes back what it has allocated by then.
    "fallocate",
  };

  private static final Set<String> ALL =
      Stream.of(WAITS, OF_SOCKETS, OF_FILES)
          .flatMap(Arrays::stream)
          .collect(Collectors.toUnmodifiableSet());

  private MadeAgain() {}

  static boolean contains(String name) {
    return ALL.contains(name);
  }

  static Set<String> all() {
    return ALL;
  }
}
