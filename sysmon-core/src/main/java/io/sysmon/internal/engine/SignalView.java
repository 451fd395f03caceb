package io.sysmon.internal.engine;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Registers;
import io.sysmon.SigInfo;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeMemory;
import io.sysmon.TraceeTask;
import io.sysmon.internal.memory.VmMemory;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.memory.Words;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import org.jspecify.annotations.Nullable;

/**
 * The view of a signal-delivery-stop, and what its listeners decide. One object serves all stops of
 * a tracer thread, in turn.
 */
final class SignalView extends StopView implements SignalStop {
  private static final int ESRCH = 3;

  private final Ptrace ptrace;
  private final TraceeMemory memory;
  private final Registers registers;

  /** As it was stopped for: what the kernel has information about. */
  private int arrived;

  private Decision decision = new Decision(0, null, false);
  private Decision marked = decision;

  /**
   * What is to be delivered.
   *
   * @param signal its number
   * @param info what to tell the program, when a listener has said so
   */
  private record Decision(int signal, @Nullable SigInfo info, boolean suppressed) {}

  SignalView(Thread owner, Ptrace ptrace, Architecture architecture, VmTransfer transfer) {
    super(owner);
    this.ptrace = ptrace;
    memory =
        new VmMemory(
            () -> current().tid(), () -> Long.BYTES, () -> transfer, new Words(ptrace), null);
    registers = new TaskRegisters(this::current, ptrace, architecture);
  }

  void begin(Task task, int number) {
    begin(task);
    arrived = number;
    decision = new Decision(number, null, false);
  }

  /** Before a callback. */
  void mark() {
    marked = decision;
  }

  /** After a callback that threw. */
  void undo() {
    decision = marked;
  }

  /**
   * Ends the stop's callbacks, and has the kernel know what the program is to be told.
   *
   * @return the signal to resume with, or 0
   */
  int decide() {
    Task task = current();
    end();
    if (decision.suppressed) {
      return 0;
    }
    if (decision.info != null) {
      long result = ptrace.setSigInfo(task.tid(), decision.info.toByteArray());
      if (result != -ESRCH) {
        SystemCallException.check(result, "PTRACE_SETSIGINFO", task.tid());
      }
    }
    return decision.signal;
  }

  @Override
  String refusal() {
    return "A signal's view is valid only in the callback that it was handed to, on the tracer's"
        + " thread; keep task(), signal() and info() instead";
  }

  @Override
  public TraceeTask task() {
    return current();
  }

  @Override
  public Signal signal() {
    current();
    return Signal.of(decision.signal);
  }

  @Override
  public SigInfo info() {
    Task task = current();
    if (decision.info != null) {
      return decision.info;
    }
    if (decision.signal != arrived) {
      // What ptrace_signal() of kernel/signal.c will make.
      return SigInfo.sent(Signal.of(decision.signal), Native.libc().gettid(), uid());
    }
    byte[] bytes = new byte[SigInfo.SIZE];
    if (ptrace.sigInfo(task.tid(), bytes) < 0) {
      // In a signal-delivery-stop, which there is a siginfo for, only death ends the stop.
      throw new TraceeDiedException(task + " was killed before its signal could be looked at");
    }
    return new SigInfo(bytes);
  }

  private static long uid() {
    return Integer.toUnsignedLong(Native.libc().getuid());
  }

  @Override
  public boolean isSuppressed() {
    current();
    return decision.suppressed;
  }

  @Override
  public void suppress() {
    current();
    decision = new Decision(decision.signal, decision.info, true);
  }

  @Override
  public void replace(Signal signal) {
    decide(signal, null);
  }

  @Override
  public void replace(SigInfo info) {
    decide(info.signal(), info);
  }

  private void decide(Signal signal, @Nullable SigInfo info) {
    Task task = current();
    task.checkExists(signal);
    decision = new Decision(signal.number(), info, false);
  }

  @Override
  public Registers registers() {
    Task task = current();
    if (task.inInjectedCall) {
      throw new IllegalTraceeStateException(
          "The registers of " + task + " are those of a system call that is being injected");
    }
    return registers;
  }

  @Override
  public TraceeMemory memory() {
    current();
    return memory;
  }

  @Override
  public String toString() {
    Task task = shown();
    return task == null ? "no signal" : Signal.of(decision.signal) + " for " + task;
  }
}
