package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.UnknownSyscallException;
import io.sysmon.decode.SyscallTable;
import io.sysmon.internal.memory.GeneralRegisters;
import io.sysmon.internal.memory.RemoteCalls;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import java.util.Set;

/**
 * Makes system calls in a task that is in a syscall stop, and puts everything back. Tracer thread.
 *
 * <p>All signals are blocked meanwhile; those that arrive stay pending and are delivered
 * afterwards. {@code SIGSTOP} cannot be blocked: it is decided about, and delivered, within the
 * call, because only there does a {@code SIGCONT} that follows it find it.
 */
final class InjectedCalls {
  private static final int EPERM = 1;
  private static final int ESRCH = 3;
  private static final int EINVAL = 22;
  private static final int NATIVE = 0;

  /** They do not return, or leave another task or program behind than was stopped. */
  private static final Set<String> REFUSED =
      Set.of(
          "exit",
          "exit_group",
          "execve",
          "execveat",
          "fork",
          "vfork",
          "clone",
          "clone3",
          "rt_sigreturn",
          "rt_sigprocmask",
          "restart_syscall",
          "pause",
          "rt_sigsuspend",
          "sigreturn",
          "sigprocmask",
          "ssetmask",
          "sigsuspend");

  private final Ptrace ptrace;
  private final Architecture architecture;
  private final GeneralRegisters registers;
  private final SignalStops signals;

  InjectedCalls(Ptrace ptrace, Architecture architecture, SignalStops signals) {
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.signals = signals;
    registers = new GeneralRegisters(ptrace, architecture);
  }

  /** The ABI of the calls that can be made in a stopped task. */
  Abi abi(Task task) {
    return architecture.abis().get(abiIndex(task));
  }

  /**
   * 32-bit code makes 32-bit calls; at the exit of an execve that is what the new program runs. In
   * a 64-bit program that stopped at a call, the instruction that made it is the one at hand.
   */
  private int abiIndex(Task task) {
    if (registers.runs32BitCode(task.tid())) {
      return indexOf32BitAbi();
    }
    int operation = ptrace.syscallInfo(task.tid());
    check(operation, task, "PTRACE_GET_SYSCALL_INFO");
    boolean atCall =
        operation == Ptrace.SYSCALL_INFO_ENTRY
            || operation == Ptrace.SYSCALL_INFO_EXIT
            || operation == Ptrace.SYSCALL_INFO_SECCOMP;
    // x32's calls are made as native ones are, which are to be had on more kernels.
    return atCall ? architecture.abiIndex(ptrace.infoArch(), 0) : NATIVE;
  }

  private int indexOf32BitAbi() {
    int index = 0;
    while (architecture.abis().get(index).registerMask() == -1L) {
      index++;
    }
    return index;
  }

  /** Whether an argument register of some width can hold a value, signed or not. */
  static boolean fits(long value, long registerMask) {
    return value == (int) value || (value & ~registerMask) == 0;
  }

  /** Checks a call that a listener asks for. */
  private static void check(Abi abi, String name, long... arguments) {
    if (SyscallTable.get().abi(abi.name()).number(name) < 0) {
      throw new UnknownSyscallException(abi + " has no system call '" + name + "'");
    }
    if (REFUSED.contains(name)) {
      throw new IllegalArgumentException(
          name + " cannot be injected: it does not return to the stop that it was made from");
    }
    if (arguments.length > Task.ARGUMENTS) {
      throw new IllegalArgumentException("A system call has at most six arguments");
    }
    for (long argument : arguments) {
      if (!fits(argument, abi.registerMask())) {
        throw new IllegalArgumentException(
            "0x"
                + Long.toHexString(argument)
                + " does not fit into 32 bits, as an argument of "
                + name
                + " in the ABI "
                + abi);
      }
    }
  }

  /**
   * Makes one call.
   *
   * @param atEntry whether the task is in an entry stop, to which it returns; else in an exit stop
   */
  long call(Task task, boolean atEntry, String name, long... arguments) {
    int tid = task.tid();
    if (task.inInjectedCall) {
      throw new IllegalTraceeStateException(
          "A system call is being injected into " + task + " already");
    }
    int abi = abiIndex(task);
    check(architecture.abis().get(abi), name, arguments);
    if (architecture.convention(abi).isEmpty()) {
      throw new IllegalTraceeStateException(
          "System calls cannot be injected into 32-bit programs on "
              + architecture.name()
              + ", and "
              + task
              + " is one");
    }
    boolean ownMask = waitsWithOwnMask(task);
    long mask = ptrace.signalMask();
    if (!atEntry && ownMask) {
      throw new IllegalTraceeStateException(
          task
              + " was interrupted in a call that waits with a signal mask of its own, and the kernel"
              + " has not put the program's mask back: inject calls at its entry");
    }
    boolean suspended = !task.filterSuspended && passOwnFilter(task);
    check(ptrace.setSignalMask(tid, -1L), task, "PTRACE_SETSIGMASK");
    RemoteCalls calls;
    long result;
    boolean interrupted = false;
    task.inInjectedCall = true;
    try {
      calls =
          atEntry
              ? RemoteCalls.insteadOf(ptrace, architecture, abi, tid)
              : RemoteCalls.after(ptrace, architecture, abi, tid);
      calls.onSignal(signal -> signals.decideDuringCall(task, signal));
      result = calls.call(name, arguments);
      if (!atEntry && Restart.isRestartCode(calls.resultBefore())) {
        interrupted = true;
      }
      calls.restore(atEntry);
      task.isFollowed |= atEntry;
    } catch (TraceeDiedException e) {
      task.left = true;
      throw e;
    } finally {
      task.inInjectedCall = false;
    }
    if (interrupted || calls.stopSignal() != 0) {
      // The kernel deals with a restart code on its way to deliver a signal, and the one that
      // interrupted the call may be gone. And it looks there whether the process is stopped.
      task.interruptOnReturn = true;
    }
    check(ptrace.setSignalMask(tid, mask), task, "PTRACE_SETSIGMASK");
    if (suspended) {
      resumeFilter(task);
    }
    // The view's instruction pointer is this stop's again.
    ptrace.syscallInfo(tid);
    return result;
  }

  /**
   * Whether a task, which is leaving a call that waits with a signal mask of its own, still has
   * that one. {@link Ptrace#signalMask()} is the program's then.
   */
  boolean waitsWithOwnMask(Task task) {
    check(ptrace.getSignalMask(task.tid()), task, "PTRACE_GETSIGMASK");
    return ProcStatus.blockedSignals(task.tid()) != ptrace.signalMask();
  }

  private static void check(long result, Task task, String request) {
    if (result == -ESRCH) {
      throw new TraceeDiedException(task + " was killed before a call was injected");
    }
    SystemCallException.check(result, request, task.tid());
  }

  /** Puts the tracee's own filter in force again. */
  void resumeFilter(Task task) {
    long result = ptrace.setOptions(task.tid(), task.process().traceOptions());
    if (result != -ESRCH) {
      SystemCallException.check(result, "PTRACE_SETOPTIONS", task.tid());
    }
  }

  /**
   * A strict filter of the tracee's own would kill it for a call that it did not foresee. It is
   * suspended without a look whether there is one: until the call is made, another thread could
   * still set one for all ({@code SECCOMP_FILTER_FLAG_TSYNC}).
   *
   * @return whether {@link #resumeFilter} is to be called
   */
  boolean passOwnFilter(Task task) {
    long result =
        ptrace.setOptions(task.tid(), task.process().traceOptions() | Ptrace.SUSPEND_SECCOMP);
    if (result >= 0) {
      return true;
    }
    if (result != -EPERM && result != -EINVAL) {
      check(result, task, "PTRACE_SETOPTIONS");
    }
    if (ProcStatus.isFiltered(task.tid(), task.process().filtering() == Filtering.NONE ? 0 : 1)) {
      throw new TracePermissionException(
          task
              + " runs under a seccomp filter of its own, which might kill it for an injected system"
              + " call; suspending the filter (PTRACE_O_SUSPEND_SECCOMP) needs "
              + (result == -EINVAL
                  ? "a kernel with CONFIG_CHECKPOINT_RESTORE"
                  : "CAP_SYS_ADMIN, and a tracer that runs under no filter itself"));
    }
    return false;
  }
}
