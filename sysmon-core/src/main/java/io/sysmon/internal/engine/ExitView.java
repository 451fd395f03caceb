package io.sysmon.internal.engine;

import io.sysmon.Errno;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallRecord;
import io.sysmon.decode.CallText;
import io.sysmon.decode.CallValues;
import io.sysmon.decode.MemoryReader;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The view of a syscall-exit-stop. */
final class ExitView extends SyscallView implements SyscallExit {
  ExitView(Thread owner, Ptrace ptrace, Architecture architecture, CallVerbs verbs) {
    super(owner, ptrace, architecture, verbs);
  }

  @Override
  boolean isAtEntry() {
    return false;
  }

  @Override
  CallValues values(SyscallSignature call, long[] arguments, MemoryReader reader) {
    return CallValues.exiting(call, arguments, result(), reader);
  }

  @Override
  public String describe() {
    Task task = current();
    CallText text = task.text;
    if (text == null || !text.isOf(signature(), task.arguments)) {
      MemoryReader caller =
          CallValues.isGone(signature(), result()) ? MemoryReader.NONE : readable();
      text = new CallText(signature(), task.arguments, stackPointer(), caller);
    }
    return text.atExit(result(), readable());
  }

  @Override
  public long result() {
    return current().result;
  }

  @Override
  public boolean failed() {
    return current().failed;
  }

  @Override
  public void setResult(long result) {
    verbs().setResult(current(), abi(), result);
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
  public void delay(Duration delay) {
    Task task = current();
    if (delay.isNegative()) {
      throw new IllegalArgumentException("A negative time to wait: " + delay);
    }
    task.returnDelay = Math.max(task.returnDelay, delay.toNanos());
  }

  @Override
  public SyscallRecord snapshot() {
    return record(new SyscallRecord.Exit(result(), errno(), duration()));
  }
}
