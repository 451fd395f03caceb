package io.sysmon.internal.engine;

import io.sysmon.SigInfo;
import io.sysmon.Signal;
import io.sysmon.decode.SyscallTable;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.OffHeap;
import java.lang.ref.Reference;

/** Signals to one task. The kernel finds it only if it still belongs to its process. Any thread. */
final class TaskSignals {
  private TaskSignals() {}

  /** tgkill(2); 0 or minus the errno. */
  static int send(Task task, Signal signal) {
    int result = Native.libc().tgkill(task.pid(), task.tid(), signal.number());
    return result == -1 ? -Native.errno() : 0;
  }

  /** rt_tgsigqueueinfo(2) as glibc's pthread_sigqueue(3) calls it; 0 or minus the errno. */
  static int queue(Task task, Signal signal, long value) {
    int pid = (int) ProcessHandle.current().pid();
    long uid = Integer.toUnsignedLong(Native.libc().getuid());
    OffHeap info = new OffHeap(SigInfo.SIZE);
    info.buffer().put(0, SigInfo.queued(signal, pid, uid, value).toByteArray());
    String abi = Support.architecture().abis().get(0).name();
    long number = SyscallTable.get().abi(abi).number("rt_tgsigqueueinfo");
    try {
      long result =
          Native.libc().syscall(number, task.pid(), task.tid(), signal.number(), info.address(0));
      return result == -1 ? -Native.errno() : 0;
    } finally {
      // Its memory is freed with it.
      Reference.reachabilityFence(info);
    }
  }
}
