package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.decode.SyscallNumbers;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.SyscallConvention;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Notes in a task which call it makes: number, arguments, ABI. Tracer thread. */
final class CallReader {
  private final Ptrace ptrace;
  private final Architecture architecture;
  private final VmTransfer transfer;
  private final List<Abi> abis;
  private final List<SyscallNumbers> numbers;
  private final @Nullable SyscallConvention[] conventions;

  CallReader(
      Ptrace ptrace, Architecture architecture, List<SyscallNumbers> numbers, VmTransfer transfer) {
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.numbers = numbers;
    this.transfer = transfer;
    abis = architecture.abis();
    conventions = new SyscallConvention[abis.size()];
    for (int abi = 0; abi < conventions.length; abi++) {
      conventions[abi] = architecture.convention(abi).orElse(null);
    }
  }

  /** A call whose entry stop it is; {@link Ptrace#syscallInfo} has been read. */
  void entered(Task task) {
    identify(task, ptrace.infoNumber());
    for (int i = 0; i < Task.ARGUMENTS; i++) {
      task.arguments[i] = ptrace.infoArg(i) & task.argumentMask;
    }
    begin(task);
    Restart restart = task.restart;
    if (task.isRestart && restart != null && restart.isUnseen() && isRestartSyscall(task)) {
      // As the program made it: its listeners have not heard of it yet.
      identify(task, restart.number());
      System.arraycopy(restart.arguments(), 0, task.arguments, 0, Task.ARGUMENTS);
      if (task.changes != null) {
        task.changes.begin(task);
      }
    }
  }

  /**
   * A call that was entered before its task was traced: number and arguments are still there.
   *
   * @return false when it is in none
   */
  boolean findUnseen(Task task) {
    CurrentCall call = CurrentCall.of(task.tid());
    if (call == null || !hasMadeCall(task)) {
      return false;
    }
    identify(task, call.number());
    for (int i = 0; i < Task.ARGUMENTS; i++) {
      task.arguments[i] = call.argument(i) & task.argumentMask;
    }
    begin(task);
    task.enteredNanos = 0;
    return true;
  }

  private void begin(Task task) {
    if (task.changes != null) {
      task.changes.begin(task);
    }
    if (task.scratch != null) {
      task.scratch.reset();
    }
    task.isRestart = task.restart != null && isRestart(task, task.restart);
    if (!task.isRestart) {
      task.wait = null;
    }
  }

  private boolean isRestart(Task task, Restart restart) {
    return restart.isRestart(
        task, nameOf(task), ptrace.infoInstructionPointer(), ptrace.infoStackPointer());
  }

  private void identify(Task task, long number) {
    task.abi = architecture.abiIndex(ptrace.infoArch(), number);
    task.argumentMask = abis.get(task.abi).registerMask();
    task.convention = conventions[task.abi];
    task.number = number;
    task.index = numbers.get(task.abi).index(number);
    task.signature = numbers.get(task.abi).byNumber(number);
  }

  /**
   * Whether a task is right behind an instruction that makes a call. Its number stays when the
   * kernel, on the way back to the program, has begun a signal's handler or gone back to make the
   * call again (arch/x86/kernel/signal.c, arch_do_signal_or_restart()); the result is no result.
   */
  private boolean hasMadeCall(Task task) {
    int length = architecture.convention(0).orElseThrow().instruction().length;
    byte[] code = new byte[length];
    long address = ptrace.infoInstructionPointer() - length;
    if (transfer.read(task.tid(), address, length) != length) {
      // Code that may not be read: most tasks are.
      return true;
    }
    transfer.get(0, code, 0, length);
    return architecture.isSyscallInstruction(code);
  }

  static boolean isRestartSyscall(Task task) {
    return task.signature != null && task.signature.name().equals("restart_syscall");
  }

  static boolean isReturnFromHandler(Task task) {
    return task.signature != null && task.signature.name().endsWith("sigreturn");
  }

  static String nameOf(Task task) {
    return Objects.requireNonNull(task.signature).name();
  }
}
