package io.sysmon.internal.launch;

import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.internal.event.WaitStatus;
import io.sysmon.internal.memory.RemoteCalls;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.permission.Permission;
import io.sysmon.internal.seccomp.FilterProgram;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.OffHeap;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.Spawn;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A small process that is spawned, seized, and then does what it is told by injected system calls.
 * It becomes the program by execve, or a {@code Doorbell}.
 *
 * <p>It is a shell that would block reading a pipe. Where the seizing finds it does not matter: it
 * is taken over at the next system call that it makes, and never runs code of its own again.
 *
 * <p>Belongs to the thread that opened it, which is its parent and its tracer.
 */
public final class Gate {
  private static final String SHELL = "/bin/sh";
  private static final String KILLED = "A process that was being prepared was killed";
  private static final int PIPE_FD = 3;
  private static final int O_CLOEXEC = 0x80000;
  private static final int EPERM = 1;
  private static final int ESRCH = 3;
  private static final int EACCES = 13;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int SET_MODE_FILTER = 1;

  /** Else the kernel slows the program's code, on CPUs that speculate, by its mitigations. */
  private static final int FILTER_FLAG_SPEC_ALLOW = 4;

  /** {@code struct sock_fprog}: the length, which is padded, and the address. */
  private static final int FPROG_SIZE = 16;

  private static final long ALL_SIGNALS = -1L;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

  /** glibc's SIGCANCEL and SIGSETXID; its posix_spawn leaves them ignored in the child. */
  private static final int[] LIBC_SIGNALS = {32, 33};

  private static final int KERNEL_SIGACTION_SIZE = 32;
  private static final int KERNEL_SIGSET_SIZE = 8;

  private final Ptrace ptrace;
  private final int pid;
  private final RemoteCalls calls;

  private Gate(Ptrace ptrace, int pid, RemoteCalls calls) {
    this.ptrace = ptrace;
    this.pid = pid;
    this.calls = calls;
  }

  /**
   * Spawns and seizes a gate, closes every descriptor it inherited but the standard streams, and
   * leaves it stopped.
   *
   * @param standardStreams the descriptors that become its 0, 1 and 2; −1 leaves one as it is
   * @throws TracePermissionException when the kernel forbids to trace
   * @throws SystemCallException when there are no processes or descriptors left
   * @throws TraceeDiedException when somebody killed it
   */
  public static Gate open(Ptrace ptrace, Architecture architecture, int[] standardStreams) {
    OffHeap pipe = new OffHeap(2 * Integer.BYTES);
    if (Native.libc().pipe2(pipe.address(0), O_CLOEXEC) < 0) {
      throw new SystemCallException("pipe2", Native.errno());
    }
    int readEnd = pipe.buffer().getInt(0);
    int writeEnd = pipe.buffer().getInt(Integer.BYTES);
    try {
      int pid = spawn(readEnd, standardStreams);
      return seize(ptrace, architecture, pid);
    } finally {
      Native.libc().close(readEnd);
      Native.libc().close(writeEnd);
    }
  }

  private static int spawn(int readEnd, int[] standardStreams) {
    int[] descriptors = Arrays.copyOf(standardStreams, PIPE_FD + 1);
    descriptors[PIPE_FD] = readEnd;
    // Its script is the pipe: it blocks reading, and has not touched the standard streams ("read x
    // <&3" would for a moment put the pipe in the place of descriptor 0).
    return Spawn.spawn(descriptors, SHELL, "/proc/self/fd/" + PIPE_FD);
  }

  private static Gate seize(Ptrace ptrace, Architecture architecture, int pid) {
    try {
      long seized = ptrace.seize(pid, Ptrace.EXITKILL);
      // A zombie cannot be seized either.
      if (seized == -EPERM && !Permission.hasEnded(pid)) {
        throw Permission.childRefused(pid);
      }
      check(seized == -EPERM ? -ESRCH : seized, "PTRACE_SEIZE", ptrace, pid);
      check(ptrace.interrupt(pid), "PTRACE_INTERRUPT", ptrace, pid);
      SystemCallException.check(ptrace.waitFor(pid), "wait4", pid);
      if (WaitStatus.kind(ptrace.status()).isEnd()) {
        throw new TraceeDiedException(KILLED);
      }
      check(ptrace.setSignalMask(pid, ALL_SIGNALS), "PTRACE_SETSIGMASK", ptrace, pid);
      Gate gate = new Gate(ptrace, pid, RemoteCalls.takeOver(ptrace, architecture, pid));
      gate.closeFrom(PIPE_FD);
      return gate;
    } catch (TraceeDiedException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      ptrace.killAndReap(pid);
      throw e;
    }
  }

  /** A request to our own stopped child finds it unless it was killed; then it is reaped here. */
  private static void check(long result, String request, Ptrace ptrace, int pid) {
    if (result == -ESRCH) {
      ptrace.killAndReap(pid);
      throw new TraceeDiedException(KILLED);
    }
    SystemCallException.check(result, request, pid);
  }

  /** The gate's process id, which the program will keep. */
  public int pid() {
    return pid;
  }

  /** Ends and reaps it. */
  public void destroy() {
    ptrace.killAndReap(pid);
  }

  /** Makes it close every descriptor from {@code first} on. */
  public void closeFrom(int first) {
    if (calls.call("close_range", first, 0xffffffffL, 0) == 0) {
      return;
    }
    // Linux before 5.9, or a container's filter that refuses what it does not know.
    for (int fd : Descriptors.of(pid)) {
      if (fd >= first) {
        calls.call("close", fd);
      }
    }
  }

  /** Makes it sleep in the kernel until a signal ends it; it is left running. */
  public void park() {
    check(ptrace.setSignalMask(pid, 0), "PTRACE_SETSIGMASK", ptrace, pid);
    calls.enter("ppoll", 0, 0, 0, 0, 0);
    check(ptrace.cont(pid, 0), "PTRACE_CONT", ptrace, pid);
  }

  /**
   * Prepares the execve of a command: working directory, signals, and everything that it will point
   * to in memory.
   *
   * @throws IOException as {@link ProcessBuilder#start()} when the directory cannot be entered
   */
  public Exec prepare(Command command) throws IOException {
    resetSignals();
    byte[] directory = command.directory();
    if (directory != null) {
      ArgumentBlock block = new ArgumentBlock();
      int name = block.string(directory);
      long result = calls.call("chdir", block.stringAddress(place(block), name));
      if (result < 0) {
        throw command.cannotRun((int) -result);
      }
    }
    return new Exec(command, ProgramSearch.of(command.program()));
  }

  /**
   * Gives the program a seccomp filter. Without {@code CAP_SYS_ADMIN} the kernel takes one from a
   * task with {@code NO_NEW_PRIVS} only, which then is set.
   *
   * @return 0, or the errno when the kernel does not take it; the program then has none
   */
  public int filter(FilterProgram program) {
    byte[] instructions = program.bytes();
    long base = map(FPROG_SIZE + instructions.length);
    ByteBuffer fprog =
        ByteBuffer.allocate(FPROG_SIZE + instructions.length).order(ByteOrder.nativeOrder());
    fprog.putLong(program.length()).putLong(base + FPROG_SIZE).put(instructions);
    write(base, fprog.array());
    int options = Ptrace.EXITKILL | Ptrace.TRACESECCOMP;
    check(ptrace.setOptions(pid, options), "PTRACE_SETOPTIONS", ptrace, pid);
    long result = calls.call("seccomp", SET_MODE_FILTER, FILTER_FLAG_SPEC_ALLOW, base);
    if (result == -EACCES && calls.call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
      result = calls.call("seccomp", SET_MODE_FILTER, FILTER_FLAG_SPEC_ALLOW, base);
    }
    if (result != 0) {
      check(ptrace.setOptions(pid, Ptrace.EXITKILL), "PTRACE_SETOPTIONS", ptrace, pid);
    }
    return (int) -result;
  }

  private void resetSignals() {
    // A structure of zeroes: SIG_DFL, no flags.
    long defaults = map(KERNEL_SIGACTION_SIZE);
    for (int signal : LIBC_SIGNALS) {
      SystemCallException.check(
          calls.call("rt_sigaction", signal, defaults, 0, KERNEL_SIGSET_SIZE), "rt_sigaction", pid);
    }
    check(ptrace.setSignalMask(pid, 0), "PTRACE_SETSIGMASK", ptrace, pid);
  }

  private long map(int size) {
    return SystemCallException.check(
        calls.call("mmap", 0, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0), "mmap", pid);
  }

  private long place(ArgumentBlock block) {
    long base = map(block.size());
    write(base, block.layOut(base));
    return base;
  }

  private void write(long base, byte[] bytes) {
    VmTransfer transfer = new VmTransfer();
    for (int done = 0; done < bytes.length; ) {
      int length = Math.min(bytes.length - done, VmTransfer.CAPACITY);
      transfer.put(bytes, done, length);
      long written = transfer.write(pid, base + done, length);
      check(written, "process_vm_writev", ptrace, pid);
      done += (int) written;
    }
  }

  /**
   * The attempts to become the program, one execve each. execvp(3) goes on to the next directory of
   * {@code PATH} after some errors, and hands a file without a known format to the shell.
   */
  public final class Exec {
    private static final int ENOENT = 2;
    private static final int ENOEXEC = 8;
    private static final int ENODEV = 19;
    private static final int ENOTDIR = 20;
    private static final int ETIMEDOUT = 110;
    private static final int ELOOP = 40;
    private static final int ESTALE = 116;

    private final Command command;
    private final List<String> paths;
    private int next;
    private int errno;

    private Exec(Command command, ProgramSearch.Candidates candidates) {
      this.command = command;
      this.paths = candidates.paths();
      this.errno = candidates.errno();
    }

    /**
     * Brings the gate into the entry stop of the first execve.
     *
     * @throws IOException when there is no file to try
     */
    public void begin() throws IOException {
      if (paths.isEmpty()) {
        throw command.cannotRun(errno);
      }
      enter(paths.get(0), command.arguments());
      next = 1;
    }

    /**
     * Brings the gate, which is in the exit stop of an execve that failed, into the entry stop of
     * the next one.
     *
     * @throws IOException when there is nothing left to try
     */
    public void afterFailure(int failure) throws IOException {
      if (failure == ENOEXEC && next <= paths.size()) {
        List<byte[]> arguments = new ArrayList<>(command.arguments());
        arguments.set(0, NativeText.encode(paths.get(next - 1)));
        arguments.add(0, NativeText.encode(SHELL));
        next = paths.size() + 1;
        enter(SHELL, arguments);
        return;
      }
      // An error that means "not here" gives way to one that means "here, but not for you".
      if (errno != EACCES || !goesOn(failure)) {
        errno = failure;
      }
      if (next >= paths.size() || !goesOn(failure)) {
        throw command.cannotRun(errno);
      }
      enter(paths.get(next++), command.arguments());
    }

    private boolean goesOn(int failure) {
      return switch (failure) {
        case EACCES, ENOENT, ENOTDIR, ENODEV, ETIMEDOUT, ELOOP, ESTALE -> true;
        default -> false;
      };
    }

    private void enter(String path, List<byte[]> arguments) {
      ArgumentBlock block = new ArgumentBlock();
      int file = block.string(NativeText.encode(path));
      int argv = block.array(arguments);
      int envp = block.array(command.environment());
      long base = place(block);
      calls.enter(
          "execve",
          block.stringAddress(base, file),
          block.arrayAddress(base, argv),
          block.arrayAddress(base, envp));
    }
  }
}
