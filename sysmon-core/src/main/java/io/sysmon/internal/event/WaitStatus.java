package io.sysmon.internal.event;

/**
 * The status word of wait4(2), as the kernel packs it.
 *
 * <pre>{@code
 * bits   31..16          15..8                  7        6..0
 *        ptrace event    exit code, or signal   core     0x7f stopped, 0 exited, else the signal
 *                        (| 0x80: syscall)      dumped
 * }</pre>
 */
public final class WaitStatus {
  private static final int STOPPED = 0x7f;
  private static final int CORE_DUMPED = 0x80;
  private static final int SYSCALL_TRAP = 5 /* SIGTRAP */ | 0x80 /* PTRACE_O_TRACESYSGOOD */;
  private static final int SIGSTOP = 19;
  private static final int SIGTTOU = 22;

  private static final int EVENT_FORK = 1;
  private static final int EVENT_VFORK = 2;
  private static final int EVENT_CLONE = 3;
  private static final int EVENT_EXEC = 4;
  private static final int EVENT_SECCOMP = 7;
  private static final int EVENT_STOP = 128;

  private WaitStatus() {}

  /** Classifies a status. */
  public static StopKind kind(int status) {
    int low = status & 0x7f;
    if (low == 0) {
      return StopKind.EXITED;
    }
    if ((status & 0xff) != STOPPED) {
      return StopKind.KILLED;
    }
    return switch (status >>> 16) {
      case 0 -> ((status >>> 8) & 0xff) == SYSCALL_TRAP ? StopKind.SYSCALL : StopKind.SIGNAL;
      case EVENT_FORK -> StopKind.FORK;
      case EVENT_VFORK -> StopKind.VFORK;
      case EVENT_CLONE -> StopKind.CLONE;
      case EVENT_EXEC -> StopKind.EXEC;
      case EVENT_SECCOMP -> StopKind.SECCOMP;
      case EVENT_STOP -> isStopping(stopSignal(status)) ? StopKind.GROUP_STOP : StopKind.TRAP;
      default -> StopKind.OTHER;
    };
  }

  /** The exit code of an {@link StopKind#EXITED} status. */
  public static int exitCode(int status) {
    return (status >>> 8) & 0xff;
  }

  /** The signal of a {@link StopKind#KILLED} status. */
  public static int killSignal(int status) {
    return status & 0x7f;
  }

  /** Whether a {@link StopKind#KILLED} status says that a core dump was written. */
  public static boolean coreDumped(int status) {
    return (status & CORE_DUMPED) != 0;
  }

  /** The signal of a stop. */
  public static int stopSignal(int status) {
    return (status >>> 8) & 0xff;
  }

  /** SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU: 19 to 22 on every architecture of this library. */
  private static boolean isStopping(int signal) {
    return signal >= SIGSTOP && signal <= SIGTTOU;
  }
}
