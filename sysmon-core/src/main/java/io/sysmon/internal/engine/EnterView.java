package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallRecord;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Ptrace;
import java.util.List;

/** The view of a syscall-enter-stop. */
final class EnterView extends SyscallView implements SyscallEnter {
  EnterView(Thread owner, Ptrace ptrace, List<Abi> abis, VmTransfer transfer) {
    super(owner, ptrace, abis, transfer);
  }

  @Override
  public SyscallRecord snapshot() {
    return record(null);
  }
}
