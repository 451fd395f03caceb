package io.sysmon.internal.sys;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * ptrace(2) and wait4(2) as one tracer thread uses them. Results are those of the kernel: minus the
 * errno for a failure. {@code -ESRCH} on a task that this thread has seen stopped means that it was
 * killed: nothing but {@code SIGKILL} (also by another thread's execve or exit_group) ends a stop
 * without the tracer, and requests come from the one thread that may make them.
 */
public final class Ptrace {
  /** Options that every tracee gets: all that makes tasks known. Children inherit them. */
  public static final int OPTIONS =
      0x1 /* TRACESYSGOOD */
          | 0x2 /* TRACEFORK */
          | 0x4 /* TRACEVFORK */
          | 0x8 /* TRACECLONE */
          | 0x10; /* TRACEEXEC */

  /** The option of launched tracees: the end with the tracer. Attached ones go on without it. */
  public static final int EXITKILL = 0x100000;

  /**
   * The option of tracees that have a filter of ours. Without it the kernel answers {@code
   * SECCOMP_RET_TRACE} with {@code ENOSYS}, as it does when nobody traces (kernel/seccomp.c).
   */
  public static final int TRACESECCOMP = 0x80;

  /** {@code op} of {@code struct ptrace_syscall_info}: a syscall-enter-stop. */
  public static final int SYSCALL_INFO_ENTRY = 1;

  /** {@code op} of {@code struct ptrace_syscall_info}: a syscall-exit-stop. */
  public static final int SYSCALL_INFO_EXIT = 2;

  /** {@code op} of {@code struct ptrace_syscall_info}: a {@code PTRACE_EVENT_SECCOMP} stop. */
  public static final int SYSCALL_INFO_SECCOMP = 3;

  /** The option by which injected calls pass a tracee's own filter; needs {@code CAP_SYS_ADMIN}. */
  public static final int SUSPEND_SECCOMP = 0x200000;

  /** The register set of elf.h that holds the general registers. */
  public static final int NT_PRSTATUS = 1;

  /** How many bytes {@link #getRegset} can take. */
  public static final int REGSET_CAPACITY = 1024;

  private static final int PEEKDATA = 2;
  private static final int PEEKUSER = 3;
  private static final int POKEDATA = 5;
  private static final int POKEUSER = 6;
  private static final int CONT = 7;
  private static final int KILL_SIGNAL = 9;
  private static final int SINGLESTEP = 9;
  private static final int GETREGS = 12;
  private static final int SETREGS = 13;
  private static final int DETACH = 17;
  private static final int SYSCALL = 24;
  private static final int GETEVENTMSG = 0x4201;
  private static final int GETSIGINFO = 0x4202;
  private static final int SETSIGINFO = 0x4203;
  private static final int GETREGSET = 0x4204;
  private static final int SETREGSET = 0x4205;
  private static final int SEIZE = 0x4206;
  private static final int INTERRUPT = 0x4207;
  private static final int LISTEN = 0x4208;
  private static final int SETOPTIONS = 0x4200;
  private static final int GETSIGMASK = 0x420a;
  private static final int SETSIGMASK = 0x420b;
  private static final int GET_SYSCALL_INFO = 0x420e;

  private static final int EVENT_STOP = 128;
  private static final int SI_CODE_OFFSET = 8;

  private static final int WNOHANG = 1;
  private static final int WNOTHREAD = 0x20000000;
  private static final int WCLONE = 0x80000000;
  private static final int EINTR = 4;

  /**
   * Only this thread's tracees. {@code __WNOTHREAD} leaves out other threads' tracees and children.
   * {@code __WCLONE} instead of {@code __WALL} leaves out this thread's ordinary children, such as
   * a {@code ProcessBuilder} started in a callback, whose exit would else be consumed here:
   * kernel/exit.c eligible_child() lets every tracee pass whatever the flag says, and other tasks
   * only if their exit signal is not {@code SIGCHLD}.
   */
  private static final int TRACEES = WNOTHREAD | WCLONE;

  /**
   *
   *
   * <pre>{@code
   * struct ptrace_syscall_info {            offset
   *   __u8  op;                                  0
   *   __u32 arch;                                4
   *   __u64 instruction_pointer;                 8
   *   __u64 stack_pointer;                      16
   *   union { struct { __u64 nr;                24
   *                    __u64 args[6]; } entry;  32
   *           struct { __s64 rval;              24
   *                    __u8  is_error; } exit;  32
   *           struct { __u64 nr;                24
   *                    __u64 args[6];           32
   *                    __u32 ret_data; } seccomp; 80
   *   }
   * };                                    size 88
   * }</pre>
   */
  private static final int INFO_SIZE = 88;

  private static final int INFO_ARCH_OFFSET = 4;
  private static final int INFO_IP_OFFSET = 8;
  private static final int INFO_SP_OFFSET = 16;
  private static final int INFO_NR_OFFSET = 24;
  private static final int INFO_ARGS_OFFSET = 32;
  private static final int INFO_RVAL_OFFSET = 24;
  private static final int INFO_IS_ERROR_OFFSET = 32;
  private static final int INFO_RET_DATA_OFFSET = 80;

  private static final int SIGINFO_SIZE = 128;

  /** {@code sizeof(struct kernel_siginfo)}. */
  private static final int KERNEL_SIGINFO_SIZE = 48;

  private static final byte[] NO_BYTES = new byte[SIGINFO_SIZE - KERNEL_SIGINFO_SIZE];

  private static final int STATUS = 0;
  private static final int MESSAGE = 8;
  private static final int IOVEC = 16;
  private static final int INFO = 64;
  private static final int SIGINFO = 256;
  private static final int SIGMASK = 512;
  private static final int REGSET = 1024;

  private final LibC libc = Native.libc();
  private final OffHeap memory = new OffHeap(REGSET + REGSET_CAPACITY);
  private final ByteBuffer bytes = memory.buffer();
  private final Queue<Kept> kept = new ArrayDeque<>();
  private int peekErrno;

  /** Creates the requests of one thread, with off-heap memory of its own. */
  public Ptrace() {}

  /**
   * Waits for the next event of any of this thread's tracees.
   *
   * @return the task, with its status in {@link #status()}; 0 when there is none and {@code block}
   *     is false; minus the errno
   */
  public int waitAny(boolean block) {
    Kept first = kept.poll();
    if (first != null) {
      bytes.putInt(STATUS, first.status);
      return first.tid;
    }
    return wait(-1, block ? TRACEES : TRACEES | WNOHANG);
  }

  /** Waits for one tracee, or for one child of this thread. */
  public int waitFor(int tid) {
    return wait(tid, 0x40000000 /* __WALL */ | WNOTHREAD);
  }

  /**
   * Waits for one tracee, and keeps what others do meanwhile for {@link #waitAny}. To wait for a
   * leader alone could be to wait forever: its end is reported when those of the other threads of
   * its process have been taken.
   */
  public int waitForTracee(int tid) {
    while (true) {
      int waited = wait(tid, 0x40000000 /* __WALL */ | WNOTHREAD | WNOHANG);
      if (waited != 0) {
        return waited;
      }
      waited = wait(-1, TRACEES);
      if (waited < 0 || waited == tid) {
        return waited;
      }
      keep(waited);
    }
  }

  /** Gives the event that was waited for last back, for {@link #waitAny}. */
  public void keep(int tid) {
    kept.add(new Kept(tid, status()));
  }

  /** Gives {@link #waitAny} an event that another thread has waited for. */
  public void keep(int tid, int status) {
    kept.add(new Kept(tid, status));
  }

  /** Whether {@link #waitAny} has such an event to give. */
  public boolean hasKept() {
    return !kept.isEmpty();
  }

  private record Kept(int tid, int status) {}

  private int wait(int tid, int options) {
    while (true) {
      int waited = libc.wait4(tid, memory.address(STATUS), options, 0);
      if (waited != -1) {
        return waited;
      }
      int errno = Native.errno();
      // A signal to the JVM's own thread (a profiler's SIGPROF) is no event.
      if (errno != EINTR) {
        return -errno;
      }
    }
  }

  /** The status that the last successful wait gave. */
  public int status() {
    return bytes.getInt(STATUS);
  }

  /** {@code PTRACE_SEIZE} with {@link #OPTIONS} and {@code more}. */
  public long seize(int tid, int more) {
    return ptrace(SEIZE, tid, 0, OPTIONS | more);
  }

  /** {@code PTRACE_DETACH}: the task goes on from its stop untraced. */
  public long detach(int tid, int signal) {
    return ptrace(DETACH, tid, 0, signal);
  }

  /** {@code PTRACE_INTERRUPT}. */
  public long interrupt(int tid) {
    return ptrace(INTERRUPT, tid, 0, 0);
  }

  /** {@code PTRACE_CONT}: runs on to the next stop that is not a system call's. */
  public long cont(int tid, int signal) {
    return ptrace(CONT, tid, 0, signal);
  }

  /** {@code PTRACE_SYSCALL}: runs on to the next stop. */
  public long syscall(int tid, int signal) {
    return ptrace(SYSCALL, tid, 0, signal);
  }

  /** {@code PTRACE_SINGLESTEP}: runs one instruction, or to the next stop. */
  public long singleStep(int tid, int signal) {
    return ptrace(SINGLESTEP, tid, 0, signal);
  }

  /** {@code PTRACE_LISTEN}: leaves a group-stop in force and reports its end. */
  public long listen(int tid) {
    return ptrace(LISTEN, tid, 0, 0);
  }

  /** {@code PTRACE_GETEVENTMSG}: the child's tid, the former tid, or minus the errno. */
  public long eventMessage(int tid) {
    long result = ptrace(GETEVENTMSG, tid, 0, memory.address(MESSAGE));
    return result < 0 ? result : bytes.getLong(MESSAGE);
  }

  /** {@code PTRACE_GETSIGINFO} into {@code into}; 0 or minus the errno. */
  public long sigInfo(int tid, byte[] into) {
    long result = ptrace(GETSIGINFO, tid, 0, memory.address(SIGINFO));
    if (result >= 0) {
      bytes.get(SIGINFO, into);
    }
    return result;
  }

  /**
   * The wait status of the stop that a task is in, made of its siginfo: of a stop that is no
   * signal's, {@code si_code} is the signal and event as wait4 tells them (kernel/signal.c,
   * ptrace_do_notify()).
   *
   * @return minus the errno when the task is in no stop, or in one without siginfo
   */
  public int stopStatus(int tid) {
    long result = ptrace(GETSIGINFO, tid, 0, memory.address(SIGINFO));
    if (result < 0) {
      return (int) result;
    }
    int signal = bytes.getInt(SIGINFO);
    int code = bytes.getInt(SIGINFO + SI_CODE_OFFSET);
    boolean isEvent = (code & 0x7f) == signal && (code >>> 8) <= EVENT_STOP && code > 0x7f;
    return (isEvent ? code : signal) << 8 | 0x7f;
  }

  /**
   * {@code PTRACE_SETSIGINFO}; 0 or minus the errno. Behind what the kernel keeps there must be
   * zeros, else it refuses what it does not know (kernel/signal.c post_copy_siginfo_from_user()).
   */
  public long setSigInfo(int tid, byte[] info) {
    bytes.put(SIGINFO, info, 0, KERNEL_SIGINFO_SIZE);
    bytes.put(SIGINFO + KERNEL_SIGINFO_SIZE, NO_BYTES);
    return ptrace(SETSIGINFO, tid, 0, memory.address(SIGINFO));
  }

  /**
   * {@code PTRACE_PEEKDATA}. libc's function returns the word, so that −1 may be one; errno tells,
   * which {@link #peekFailure()} then keeps.
   */
  public long peekData(int tid, long address) {
    return peek(PEEKDATA, tid, address);
  }

  /** {@code PTRACE_PEEKUSER}; as {@link #peekData}. */
  public long peekUser(int tid, long offset) {
    return peek(PEEKUSER, tid, offset);
  }

  private long peek(int request, int tid, long address) {
    long word = libc.ptrace(request, tid, address, 0);
    peekErrno = word == -1 ? Native.errno() : 0;
    return word;
  }

  /** Minus the errno of the last peek, or 0 when it succeeded. */
  public int peekFailure() {
    return -peekErrno;
  }

  /** {@code PTRACE_POKEDATA}: 0 or minus the errno. */
  public long pokeData(int tid, long address, long word) {
    return ptrace(POKEDATA, tid, address, word);
  }

  /** {@code PTRACE_POKEUSER}: 0 or minus the errno. */
  public long pokeUser(int tid, long offset, long word) {
    return ptrace(POKEUSER, tid, offset, word);
  }

  /** {@code PTRACE_SETOPTIONS}: {@link #OPTIONS} and {@code more}. */
  public long setOptions(int tid, int more) {
    return ptrace(SETOPTIONS, tid, 0, OPTIONS | more);
  }

  /**
   * {@code PTRACE_GETSIGMASK}.
   *
   * @return 0, with the mask in {@link #signalMask()}; or minus the errno
   */
  public long getSignalMask(int tid) {
    return ptrace(GETSIGMASK, tid, Long.BYTES, memory.address(SIGMASK));
  }

  /** The mask that the last {@link #getSignalMask} read: bit n−1 for signal n. */
  public long signalMask() {
    return bytes.getLong(SIGMASK);
  }

  /** {@code PTRACE_SETSIGMASK} with 64 bits, bit n−1 for signal n. */
  public long setSignalMask(int tid, long mask) {
    bytes.putLong(SIGMASK, mask);
    return ptrace(SETSIGMASK, tid, Long.BYTES, memory.address(SIGMASK));
  }

  /**
   * {@code PTRACE_GETREGSET} into this object, for {@link #register} and {@link #saveRegset}.
   *
   * @return how many bytes the kernel filled, or minus the errno
   */
  public long getRegset(int tid, int type) {
    iovec(REGSET_CAPACITY);
    long result = ptrace(GETREGSET, tid, type, memory.address(IOVEC));
    return result < 0 ? result : bytes.getLong(IOVEC + 8);
  }

  /** {@code PTRACE_SETREGSET} of the first {@code length} bytes that are in this object. */
  public long setRegset(int tid, int type, int length) {
    iovec(length);
    return ptrace(SETREGSET, tid, type, memory.address(IOVEC));
  }

  /** {@code PTRACE_GETREGS}, as {@link #getRegset}; 0 or minus the errno. */
  public long getRegs(int tid) {
    return ptrace(GETREGS, tid, 0, memory.address(REGSET));
  }

  /** {@code PTRACE_SETREGS} of what is in this object. */
  public long setRegs(int tid) {
    return ptrace(SETREGS, tid, 0, memory.address(REGSET));
  }

  private void iovec(int length) {
    bytes.putLong(IOVEC, memory.address(REGSET));
    bytes.putLong(IOVEC + 8, length);
  }

  /** A register of the set that {@link #getRegset} or {@link #getRegs} read. */
  public long register(int offset) {
    return bytes.getLong(REGSET + offset);
  }

  /** Changes a register of the set that {@link #setRegset} or {@link #setRegs} will write. */
  public void setRegister(int offset, long value) {
    bytes.putLong(REGSET + offset, value);
  }

  /** Copies the register set out. */
  public void saveRegset(byte[] into) {
    bytes.get(REGSET, into);
  }

  /** Copies a register set back in. */
  public void loadRegset(byte[] from) {
    bytes.put(REGSET, from);
  }

  /**
   * {@code PTRACE_GET_SYSCALL_INFO}.
   *
   * @return {@code op}: {@link #SYSCALL_INFO_ENTRY}, {@link #SYSCALL_INFO_EXIT}, {@link
   *     #SYSCALL_INFO_SECCOMP}, 0 at a stop that is no system call's; or minus the errno
   */
  public int syscallInfo(int tid) {
    long result = ptrace(GET_SYSCALL_INFO, tid, INFO_SIZE, memory.address(INFO));
    return result < 0 ? (int) result : bytes.get(INFO);
  }

  /** {@code arch} of the last {@link #syscallInfo}. */
  public int infoArch() {
    return bytes.getInt(INFO + INFO_ARCH_OFFSET);
  }

  /** {@code instruction_pointer} of the last {@link #syscallInfo}. */
  public long infoInstructionPointer() {
    return bytes.getLong(INFO + INFO_IP_OFFSET);
  }

  /** {@code stack_pointer} of the last {@link #syscallInfo}. */
  public long infoStackPointer() {
    return bytes.getLong(INFO + INFO_SP_OFFSET);
  }

  /** {@code entry.nr} or {@code seccomp.nr} of the last {@link #syscallInfo}. */
  public long infoNumber() {
    return bytes.getLong(INFO + INFO_NR_OFFSET);
  }

  /** {@code entry.args[index]}, or {@code seccomp}'s, of the last {@link #syscallInfo}. */
  public long infoArg(int index) {
    return bytes.getLong(INFO + INFO_ARGS_OFFSET + index * Long.BYTES);
  }

  /** {@code seccomp.ret_data} of the last {@link #syscallInfo}: of the filter that decided. */
  public int infoFilterData() {
    return bytes.getInt(INFO + INFO_RET_DATA_OFFSET);
  }

  /** {@code exit.rval} of the last {@link #syscallInfo}. */
  public long infoResult() {
    return bytes.getLong(INFO + INFO_RVAL_OFFSET);
  }

  /** {@code exit.is_error} of the last {@link #syscallInfo}. */
  public boolean infoIsError() {
    return bytes.get(INFO + INFO_IS_ERROR_OFFSET) != 0;
  }

  /** Ends a child of this thread and reaps it, whether it is traced or not. */
  public void killAndReap(int pid) {
    Native.kill(pid, KILL_SIGNAL);
    int waited;
    do {
      waited = waitFor(pid);
    } while (waited == pid && (status() & 0xff) == 0x7f);
  }

  private long ptrace(int request, int tid, long addr, long data) {
    long result = libc.ptrace(request, tid, addr, data);
    return result == -1 ? -Native.errno() : result;
  }
}
