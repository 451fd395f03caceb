package io.sysmon.internal.engine;

import io.sysmon.decode.SyscallNumbers;
import io.sysmon.internal.memory.VmTransfer;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Notices programs that serve their own page faults, by userfaultfd(2). process_vm_readv(2) waits
 * for a page that such a program has not given yet; the tracer's thread would wait forever, because
 * the thread that gives it waits for the tracer. Tracer thread.
 */
final class UserFaults {
  /** linux/userfaultfd.h: {@code _IO(0xaa, 0)}, a request of {@code /dev/userfaultfd}. */
  static final int USERFAULTFD_IOC_NEW = 0xaa00;

  private static final byte OPENS = 1;
  private static final byte REQUESTS = 2;
  private static final String DESCRIPTOR = "anon_inode:[userfaultfd]";

  private final VmTransfer transfer;
  private final MarkedCalls calls;

  UserFaults(List<SyscallNumbers> numbers, VmTransfer transfer) {
    this.transfer = transfer;
    calls = new MarkedCalls(numbers, Map.of("userfaultfd", OPENS, "ioctl", REQUESTS));
  }

  /** A task is at the entry of a call. */
  void entered(Task task) {
    byte call = calls.of(task);
    if (call == OPENS || (call == REQUESTS && (int) task.arguments[1] == USERFAULTFD_IOC_NEW)) {
      transfer.neverWait();
    }
  }

  /** A process was attached, which may have asked long ago. */
  void attached(int pid) {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : open) {
        if (isOne(descriptor)) {
          transfer.neverWait();
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // It has ended; or what it has open is not for us to see, and then its memory is not, either.
      return;
    }
  }

  private static boolean isOne(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().equals(DESCRIPTOR);
    } catch (IOException e) {
      // Closed meanwhile.
      return false;
    }
  }
}
