package io.sysmon.junit5;

import io.sysmon.BadAddressException;
import io.sysmon.SyscallEnter;
import io.sysmon.TracePermissionException;
import io.sysmon.fault.CallPaths;
import java.util.List;
import java.util.Set;

/** Which calls open files, and which change what is on a disk. */
final class FileCalls {
  /** Without the calls that open. */
  static final String CHANGING_NAMES =
      "?creat,?mkdir,mkdirat,?rmdir,?unlink,unlinkat,?rename,renameat,renameat2,?link,linkat,?symlink,"
          + "symlinkat,?mknod,mknodat,truncate,?truncate64,?chmod,fchmodat,fchmodat2,?chown,?chown32,"
          + "?lchown,?lchown32,fchownat,?utime,?utimes,?futimesat,utimensat,?utimensat_time64,setxattr,"
          + "lsetxattr,setxattrat,removexattr,lremovexattr,removexattrat,file_setattr";

  static final String CHANGING_CONTENTS =
      "write,pwrite64,writev,pwritev,pwritev2,ftruncate,?ftruncate64,fallocate,fsync,fdatasync,msync,"
          + "sync_file_range,sync,syncfs,copy_file_range,sendfile,?sendfile64,splice,fchmod,fchown,"
          + "?fchown32,fsetxattr,fremovexattr";

  static final String OPENING = "?open,openat,openat2";

  private static final Set<String> CHANGING =
      Set.of(CHANGING_NAMES.replace("?", "").split(",", -1));
  private static final List<String> FLAGS_OF_CHANGE =
      List.of("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC");

  /** O_CREAT and O_TRUNC, on all architectures of this library. */
  private static final int CREATE_OR_TRUNCATE = 0100 | 01000;

  private FileCalls() {}

  static boolean opens(RecordedCall call) {
    return Set.of("open", "openat", "openat2", "creat").contains(call.name());
  }

  /** Whether a call that was made has changed what it names, or has opened it to change it. */
  static boolean changesNames(RecordedCall call) {
    return CHANGING.contains(call.name())
        || call.openFlags().stream()
            .anyMatch(flags -> FLAGS_OF_CHANGE.stream().anyMatch(flags::contains));
  }

  /** Whether a call changes files: contents or names, not pipes, terminals and devices. */
  static boolean changes(SyscallEnter call) {
    CallPaths paths = new CallPaths(call);
    return switch (call.name()) {
      case "open" -> creates(call.arg(1), paths);
      case "openat" -> creates(call.arg(2), paths);
      case "openat2" -> creates(openHow(call), paths);
      case "sync", "msync" -> true;
      default ->
          CHANGING.contains(call.name()) || paths.described().stream().anyMatch(FileCalls::isFile);
    };
  }

  private static boolean creates(long flags, CallPaths paths) {
    List<String> named = paths.named();
    return (flags & CREATE_OR_TRUNCATE) != 0
        && (named.isEmpty() || named.stream().anyMatch(FileCalls::isFile));
  }

  private static long openHow(SyscallEnter call) {
    try {
      return call.memory().readLong(call.arg(2));
    } catch (BadAddressException | TracePermissionException e) {
      // Which the kernel will answer with EFAULT, or nobody is to know.
      return 0;
    }
  }

  static boolean isFile(String path) {
    return path.startsWith("/") && !path.startsWith("/dev/") && !path.startsWith("/proc/");
  }
}
