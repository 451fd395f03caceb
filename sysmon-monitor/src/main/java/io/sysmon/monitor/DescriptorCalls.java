package io.sysmon.monitor;

import io.sysmon.SyscallExit;
import org.jspecify.annotations.Nullable;

/** Follows descriptors through the calls that copy and close them. */
final class DescriptorCalls {
  private static final int F_DUPFD = 0;
  private static final int F_DUPFD_CLOEXEC = 1030;

  /** Takes the files that were written to and are closed now. */
  interface Modified {
    void tell(ProcessState process, int tid, String path);
  }

  private final Modified modified;

  DescriptorCalls(Modified modified) {
    this.modified = modified;
  }

  void returned(SyscallExit call, ProcessState process) {
    OpenFiles files = process.files();
    int descriptor = (int) call.arg(0);
    switch (call.name()) {
      // Whatever it returns, the descriptor is closed, if there was one.
      case "close" -> {
        process.closed(descriptor);
        tell(process, call.tid(), files.closed(descriptor));
      }
      case "close_range" ->
          files
              .closedMeanwhile(call.pid())
              .forEach(path -> modified.tell(process, call.tid(), path));
      case "dup", "dup2", "dup3" -> copied(call, process, descriptor);
      case "fcntl", "fcntl64" -> {
        int command = (int) call.arg(1);
        if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) {
          copied(call, process, descriptor);
        }
      }
      default -> {
        // No descriptor is copied or closed.
      }
    }
  }

  private void copied(SyscallExit call, ProcessState process, int from) {
    if (!call.failed()) {
      process.copied(from, (int) call.result());
      tell(process, call.tid(), process.files().copied(from, (int) call.result()));
    }
  }

  private void tell(ProcessState process, int tid, @Nullable String path) {
    if (path != null) {
      modified.tell(process, tid, path);
    }
  }
}
