package io.sysmon.internal.permission;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Looks for what made {@code PTRACE_SEIZE} fail, with the rules of the kernel (kernel/ptrace.c
 * ptrace_attach and __ptrace_may_access, security/commoncap.c cap_ptrace_access_check,
 * security/yama/yama_lsm.c) over what {@code /proc} shows of them. The first reason that is certain
 * is told alone: those of the task before those of the rights, because no right helps against them.
 * Without a certain one, all that could be are told.
 */
final class Diagnosis {
  private static final long CAP_SYS_PTRACE = 1L << 19;
  private static final long PF_KTHREAD = 0x00200000;
  private static final int STAT_FLAGS = 6;
  private static final String INITIAL_USER_NAMESPACE = "user:[4026531837]";
  private static final String INITIAL_PID_NAMESPACE = "pid:[4026531836]";
  private static final String PROCESS = "process N (NAME)";

  private final Host host;
  private final int tid;
  private final TaskStatus own;
  private final TaskStatus task;
  private final boolean isCapable;

  /** Whether the kernel denies even to look at the task. */
  private final boolean isDenied;

  private Diagnosis(Host host, int tid, TaskStatus own, TaskStatus task) {
    this.host = host;
    this.tid = tid;
    this.own = own;
    this.task = task;
    this.isCapable = (own.mask("CapEff") & CAP_SYS_PTRACE) != 0;
    this.isDenied = host.isDenied("/proc/" + tid + "/exe");
  }

  /** Why {@code PTRACE_SEIZE} of a task answered {@code EPERM}. */
  static String attachRefused(Host host, int tid) {
    String task = self(host).map(own -> task(host, tid)).orElse("process " + tid);
    return "PTRACE_SEIZE of " + task + " answered EPERM. " + reason(host, tid);
  }

  /** Why {@code PTRACE_SEIZE} of a child, started to be traced, answered {@code EPERM}. */
  static String childRefused(Host host, int pid) {
    return "PTRACE_SEIZE of a child process answered EPERM. " + reason(host, pid);
  }

  /** Why there is no process of a number to attach to. */
  static String noSuchProcess(Host host, int pid) {
    String absent = "There is no process " + pid;
    if (self(host).isEmpty()) {
      return absent + ". " + Finding.PROC_ELSEWHERE.text();
    }
    Optional<TaskStatus> status = TaskStatus.of(host, pid);
    int leader = status.map(found -> found.number("Tgid")).orElse(pid);
    if (leader != pid) {
      return pid
          + " is a thread of "
          + process(host, leader)
          + ": attach to that, with all threads";
    }
    if (status.filter(TaskStatus::hasEnded).isPresent()) {
      return absent + " any more. " + zombie(host, status.get());
    }
    if (status.isEmpty() && hidesProcesses(host)) {
      return absent + ", or none to be seen. " + Finding.HIDDEN.text();
    }
    return isIn(host, "pid", INITIAL_PID_NAMESPACE)
        ? absent
        : absent
            + " in this pid namespace. A container has numbers of its own, and sees its own"
            + " processes only; docker run --pid=host or --pid=container:NAME shows others.";
  }

  private static String reason(Host host, int tid) {
    Optional<TaskStatus> own = self(host);
    if (own.isEmpty()) {
      return Finding.PROC_ELSEWHERE.text();
    }
    Optional<TaskStatus> task = TaskStatus.of(host, tid);
    if (task.isEmpty()) {
      return (hidesProcesses(host) ? Finding.HIDDEN : Finding.GONE).text();
    }
    Diagnosis diagnosis = new Diagnosis(host, tid, own.get(), task.get());
    return diagnosis
        .stateOfTask()
        .or(diagnosis::everyTask)
        .or(diagnosis::credentials)
        .or(diagnosis::attachRules)
        .orElseGet(() -> String.join(" Or: ", diagnosis.possibilities()));
  }

  /** The calling thread's status, if {@code /proc} is that of its pid namespace. */
  private static Optional<TaskStatus> self(Host host) {
    // NSpid has the number in each namespace, from that of /proc to the thread's own.
    return host.text("/proc/thread-self/status")
        .map(TaskStatus::parse)
        .filter(status -> status.numbers("NSpid").size() < 2);
  }

  private static boolean hidesProcesses(Host host) {
    return host.text("/proc/self/mounts").stream()
        .flatMap(String::lines)
        .filter(line -> line.contains(" /proc proc ") && line.contains("hidepid="))
        .anyMatch(line -> !line.contains("hidepid=0") && !line.contains("hidepid=off"));
  }

  private static boolean isIn(Host host, String kind, String namespace) {
    return host.link("/proc/self/ns/" + kind).filter(link -> !link.equals(namespace)).isEmpty();
  }

  private static String task(Host host, int tid) {
    int pid = TaskStatus.of(host, tid).map(status -> status.number("Tgid")).orElse(tid);
    return (pid == tid ? "" : "thread " + tid + " of ") + process(host, pid);
  }

  private static String process(Host host, int pid) {
    if (pid == 0) {
      return "a process that is not visible here";
    }
    String name = TaskStatus.of(host, pid).map(status -> status.field("Name")).orElse("");
    return "process " + pid + (name.isEmpty() ? "" : " (" + name + ")");
  }

  private static String zombie(Host host, TaskStatus status) {
    return Finding.ENDED.text(PROCESS, process(host, status.number("PPid")));
  }

  /** What the task is. */
  private Optional<String> stateOfTask() {
    if (isKernelThread()) {
      return Optional.of(Finding.KERNEL_THREAD.text());
    }
    if (task.number("Tgid") != 0 && task.number("Tgid") == own.number("Tgid")) {
      return Optional.of(Finding.OWN_THREAD.text());
    }
    if (task.hasEnded()) {
      return Optional.of(zombie(host, task));
    }
    int tracer = task.number("TracerPid");
    if (tracer != 0) {
      // TracerPid is the tracing thread.
      int pid = TaskStatus.of(host, tracer).map(status -> status.number("Tgid")).orElse(tracer);
      return Optional.of(
          pid == own.number("Tgid")
              ? Finding.TRACED_HERE.text()
              : Finding.TRACED.text(PROCESS, process(host, pid)));
    }
    return task.isInState('t') ? Optional.of(Finding.TRACED_OUTSIDE.text()) : Optional.empty();
  }

  private boolean isKernelThread() {
    return host.text("/proc/" + tid + "/stat")
        // The name is in parentheses, and may have parentheses and blanks in it.
        .map(stat -> stat.substring(stat.lastIndexOf(')') + 1).strip().split(" "))
        .filter(fields -> fields.length > STAT_FLAGS && fields[STAT_FLAGS].matches("\\d{1,10}"))
        .filter(fields -> (Long.parseLong(fields[STAT_FLAGS]) & PF_KTHREAD) != 0)
        .isPresent();
  }

  /** What keeps this JVM from tracing anything. */
  private Optional<String> everyTask() {
    if (host.filtersPtrace()) {
      return Optional.of(Finding.FILTERED.text());
    }
    return yama() == 3 ? Optional.of(Finding.YAMA_FORBIDS.text()) : Optional.empty();
  }

  /** Whether Yama has no say in what this JVM may attach. */
  static boolean isUpToTheTask(Host host) {
    int yama = yama(host);
    return yama == 0
        || (yama < 3
            && self(host).filter(own -> (own.mask("CapEff") & CAP_SYS_PTRACE) != 0).isPresent());
  }

  private int yama() {
    return yama(host);
  }

  private static int yama(Host host) {
    String scope = host.text("/proc/sys/kernel/yama/ptrace_scope").orElse("").strip();
    return scope.matches("\\d") ? Integer.parseInt(scope) : 0;
  }

  /** What the task has and this JVM has not. */
  private Optional<String> credentials() {
    if (isCapable || !isDenied) {
      return Optional.empty();
    }
    if (differs("Uid") || differs("Gid")) {
      return Optional.of(Finding.ANOTHER_USER.text("IDS", ids(task) + "; this JVM: " + ids(own)));
    }
    long more = task.mask("CapPrm") & ~own.mask("CapPrm");
    if (more != 0) {
      return Optional.of(Finding.MORE_CAPABILITIES.text("MASK", Long.toHexString(more)));
    }
    return isOwnedByAnother() ? Optional.of(Finding.NOT_DUMPABLE.text()) : Optional.empty();
  }

  /** PTRACE_MODE_REALCREDS: one's own real id against the other's real, effective and saved one. */
  private boolean differs(String field) {
    List<Long> mine = own.numbers(field);
    List<Long> its = task.numbers(field);
    return !mine.isEmpty() && its.stream().limit(3).anyMatch(id -> !id.equals(mine.get(0)));
  }

  private static String ids(TaskStatus status) {
    return ids("uid", status.numbers("Uid")) + ", " + ids("gid", status.numbers("Gid"));
  }

  private static String ids(String what, List<Long> ids) {
    if (ids.size() < 3) {
      return what + " unknown";
    }
    String real = what + " " + ids.get(0);
    return Set.copyOf(ids.subList(0, 3)).size() == 1
        ? real
        : real + ", effective " + ids.get(1) + ", saved " + ids.get(2);
  }

  /** fs/proc/base.c task_dump_owner: the files of what is not dumpable belong to root. */
  private boolean isOwnedByAnother() {
    List<Long> uids = task.numbers("Uid");
    return uids.size() > 1
        && host.owner("/proc/" + tid + "/status").orElse(uids.get(1)) != uids.get(1);
  }

  /** What is asked of those who attach, beyond the right to look. */
  private Optional<String> attachRules() {
    boolean isUpToYama = !isCapable && !isDenied;
    if (isUpToYama && yama() == 2) {
      return Optional.of(Finding.YAMA_CAPABILITY.text());
    }
    if (isUpToYama && yama() == 1 && !isDescendant()) {
      return Optional.of(Finding.YAMA_DESCENDANTS.text());
    }
    return isSelinuxEnforcing()
            && host.text("/sys/fs/selinux/booleans/deny_ptrace").orElse("").startsWith("1")
        ? Optional.of(Finding.SELINUX_DENIES.text())
        : Optional.empty();
  }

  private boolean isDescendant() {
    Set<Integer> seen = new HashSet<>();
    int ancestor = task.number("PPid");
    while (ancestor != 0 && seen.add(ancestor)) {
      if (ancestor == own.number("Tgid")) {
        return true;
      }
      ancestor = TaskStatus.of(host, ancestor).map(status -> status.number("PPid")).orElse(0);
    }
    return false;
  }

  private boolean isSelinuxEnforcing() {
    return host.text("/sys/fs/selinux/enforce").orElse("").startsWith("1");
  }

  /** What cannot be told from {@code /proc}, the likely ones first. */
  private List<String> possibilities() {
    List<String> possible = new ArrayList<>();
    if (isDenied && !isIn(host, "user", INITIAL_USER_NAMESPACE)) {
      possible.add(Finding.USER_NAMESPACE.text());
    }
    // Root's files do not tell whether they are root's because it is not dumpable.
    if (isDenied
        && !isCapable
        && task.numbers("Uid").stream().skip(1).findFirst().orElse(0L) == 0) {
      possible.add(Finding.NOT_DUMPABLE.text());
    }
    if (own.number("Seccomp") == 2) {
      possible.add(Finding.FILTERED.text());
    }
    if (!isIn(host, "pid", INITIAL_PID_NAMESPACE)) {
      possible.add(Finding.TRACED_OUTSIDE.text());
    }
    if (isSelinuxEnforcing()) {
      possible.add(Finding.SELINUX.text());
    }
    String mine = appArmorProfile("thread-self");
    String its = appArmorProfile("" + tid);
    if (mine.endsWith("(enforce)") || its.endsWith("(enforce)")) {
      possible.add(Finding.APPARMOR.text("PROFILES", its + "; this JVM: " + mine));
    }
    possible.add(Finding.OTHER_MODULE.text());
    return possible;
  }

  /** Of another module, its label, which has no mode at its end. */
  private String appArmorProfile(String task) {
    return host.text("/proc/" + task + "/attr/apparmor/current")
        .or(() -> host.text("/proc/" + task + "/attr/current"))
        .map(String::strip)
        .orElse("unknown");
  }
}
