package io.sysmon.internal.engine;

import io.sysmon.TraceeDiedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What {@code /proc/TID/status} tells of a stopped task (proc_pid_status(5)). */
final class ProcStatus {
  private static final int HEXADECIMAL = 16;
  private static final int PF_IO_WORKER = 0x10;

  /** The index of {@code flags} among the fields of {@code stat} that follow the name. */
  private static final int STAT_FLAGS = 6;

  /** SIGCHLD, SIGCONT, SIGURG, SIGWINCH (signal(7)). */
  private static final long IGNORED_BY_DEFAULT = 1L << 16 | 1L << 17 | 1L << 22 | 1L << 27;

  private ProcStatus() {}

  /**
   * Whether the task runs in seccomp's strict mode (1), under a filter (2) that this thread does
   * not run under, or is being killed by one (3, from its exit stop on). What it has inherited from
   * the tracer, as in a container, lets it do what the tracer may.
   *
   * @param ours how many filters it has been given by the tracer
   */
  static boolean isFiltered(int tid, int ours) {
    String mode = field("" + tid, "Seccomp");
    return mode.equals("2")
        ? filters("" + tid) != filters("thread-self") + ours
        : !mode.equals("0");
  }

  /** How many filters, 0 when the kernel does not tell (before Linux 5.9). */
  private static int filters(String task) {
    String seccomp = field(task, "Seccomp");
    String count = field(task, "Seccomp_filters");
    return seccomp.equals("2") && count.equals("0") ? -1 : Integer.parseInt(count);
  }

  /** The task's id in each pid namespace, from that of {@code /proc} to its own. */
  static List<Integer> namespaceTids(int tid) {
    List<Integer> tids = readNamespaceTids(tid);
    // An execve gives a thread and its leader each the other's ids (kernel/pid.c, exchange_tids()):
    // what was found by the id of before is then looked for again. Whose id it was has ended.
    return tids.get(0) == tid ? tids : readNamespaceTids(tid);
  }

  private static List<Integer> readNamespaceTids(int tid) {
    String tids = field("" + tid, "NSpid");
    return tids.equals("0") // A kernel without namespaces.
        ? List.of(tid)
        : Arrays.stream(tids.split("\\s+")).map(Integer::valueOf).toList();
  }

  /** Whether the task still has its memory; one that has ended has not, reaped or not. */
  static boolean hasMemory(int tid) {
    try {
      return !Files.readString(Path.of("/proc/" + tid + "/statm")).startsWith("0 ");
    } catch (IOException e) {
      return false;
    }
  }

  /** The process that a task belongs to; 0 when there is no such task. */
  static int threadGroup(int tid) {
    return number(tid, "Tgid");
  }

  /** The parent process of a task's process; 0 when there is none in sight. */
  static int parent(int tid) {
    return number(tid, "PPid");
  }

  private static int number(int tid, String name) {
    try {
      return Integer.parseInt(field("" + tid, name));
    } catch (TraceeDiedException e) {
      return 0;
    }
  }

  /** Whether the calling thread traces the task. */
  static boolean isTracedByThisThread(int tid) {
    try {
      return field("" + tid, "TracerPid").equals(field("thread-self", "Pid"));
    } catch (TraceeDiedException e) {
      return false;
    }
  }

  /** Whether the task is there, and is not traced by the calling thread. */
  static boolean isNotTracedByThisThread(int tid) {
    return threadGroup(tid) != 0 && !isTracedByThisThread(tid);
  }

  /** Whether the task has ended and was not reaped yet. */
  static boolean isZombie(int tid) {
    return stateOf(tid) == 'Z';
  }

  /** The letter of the task's state (proc_pid_status(5)); {@code -} when there is no such task. */
  static char stateOf(int tid) {
    try {
      return field("" + tid, "State").charAt(0);
    } catch (TraceeDiedException e) {
      return '-';
    }
  }

  /** Whether the task is in a stop of which its tracer was, or will be, told. */
  static boolean isInTracingStop(int tid) {
    return stateOf(tid) == 't';
  }

  /** Whether the task cannot stop now. */
  static boolean sleepsUninterruptibly(int tid) {
    return stateOf(tid) == 'D';
  }

  /** Whether the numbers in {@code /proc} are those that system calls of this process mean. */
  static boolean isOfOwnPidNamespace() {
    return !field("thread-self", "NSpid").contains("\t");
  }

  /** Whether any thread traces the task. */
  static boolean isTraced(int tid) {
    return tracer(tid) != 0;
  }

  /** The thread that traces the task; 0 when there is none in sight. */
  static int tracer(int tid) {
    return number(tid, "TracerPid");
  }

  /** Whether nobody traces the task, or it is not there any more. */
  static boolean isUntraced(int tid) {
    try {
      return field("" + tid, "TracerPid").equals("0");
    } catch (TraceeDiedException e) {
      return Files.notExists(Path.of("/proc/" + tid));
    }
  }

  /** Whether the task is a leader that has ended, and that waits for the end of its threads. */
  static boolean isZombieWithThreads(int tid) {
    try {
      return isZombie(tid) && Integer.parseInt(field("" + tid, "Threads")) > 1;
    } catch (TraceeDiedException e) {
      return false;
    }
  }

  /** Whether a signal that is delivered to the task runs a handler, now and not when unblocked. */
  static boolean runsHandler(int tid, int signal) {
    return (mask(tid, "SigCgt") & ~blockedSignals(tid) & 1L << (signal - 1)) != 0;
  }

  /** Whether the delivery of a signal does nothing to the task. */
  static boolean isIgnored(int tid, int signal) {
    long bit = 1L << (signal - 1);
    return (mask(tid, "SigIgn") & bit) != 0
        || ((IGNORED_BY_DEFAULT & bit) != 0 && (mask(tid, "SigCgt") & bit) == 0);
  }

  private static long mask(int tid, String name) {
    return Long.parseUnsignedLong(field("" + tid, name), HEXADECIMAL);
  }

  /** Whether the kernel runs the task for the process ({@code PF_IO_WORKER}, linux/sched.h). */
  static boolean isKernelsWorker(int tid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + tid + "/stat"));
      // The name is in parentheses and may itself contain them.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return (Long.parseLong(fields[STAT_FLAGS]) & PF_IO_WORKER) != 0;
    } catch (IOException e) {
      // It has ended.
      return false;
    }
  }

  /** The signals that the kernel holds back from the task now. */
  static long blockedSignals(int tid) {
    return mask(tid, "SigBlk");
  }

  /** Whether a signal for this very task is about to be delivered. */
  static boolean isPending(int tid, int signal) {
    return (mask(tid, "SigPnd") & ~blockedSignals(tid) & 1L << (signal - 1)) != 0;
  }

  private static String field(String tid, String name) {
    try {
      return Files.readString(Path.of("/proc/" + tid + "/status"))
          .lines()
          .filter(line -> line.startsWith(name + ":"))
          .map(line -> line.substring(name.length() + 1).trim())
          .findFirst()
          .orElse("0");
    } catch (IOException e) {
      throw new TraceeDiedException("Task " + tid + " ended before its status was read");
    }
  }
}
