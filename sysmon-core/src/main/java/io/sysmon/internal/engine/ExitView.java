package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.Errno;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallRecord;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Ptrace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The view of a syscall-exit-stop. */
final class ExitView extends SyscallView implements SyscallExit {
  ExitView(Thread owner, Ptrace ptrace, List<Abi> abis, VmTransfer transfer) {
    super(owner, ptrace, abis, transfer);
  }

  @Override
  public long result() {
    current();
    return ptrace().infoResult();
  }

  @Override
  public boolean failed() {
    current();
    return ptrace().infoIsError();
  }

  @Override
  public @Nullable Errno errno() {
    return failed() ? Errno.find((int) -result()).orElse(null) : null;
  }

  @Override
  public long durationNanos() {
    long entered = current().enteredNanos;
    return entered == 0 ? 0 : nanoTime() - entered;
  }

  @Override
  public SyscallRecord snapshot() {
    return record(new SyscallRecord.Exit(result(), errno(), duration()));
  }
}
