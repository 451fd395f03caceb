package io.sysmon.internal.permission;

/**
 * A reason why a task cannot be traced. Its sentence is a heading of docs/troubleshooting.md,
 * literally; a word in capitals or {@code process N (NAME)} stands for what was found.
 */
enum Finding {
  KERNEL_THREAD(
      "It is a kernel thread",
      "Kernel threads run no program and make no system calls; perf(1) and ftrace show what they"
          + " do."),
  OWN_THREAD("It is this JVM", "No process can trace its own threads: trace it from another JVM."),
  ENDED(
      "It has ended, and is a zombie until process N (NAME), its parent, waits for it",
      "There is nothing left to trace."),
  GONE("It has ended meanwhile", "There is nothing left to trace."),
  TRACED(
      "It is traced by process N (NAME) already",
      "A task has one tracer: end that one, or let it detach. strace -f and debuggers also follow"
          + " what their tracees start."),
  TRACED_HERE(
      "It is traced by this JVM already",
      "A task has one tracer; Tracer.tracees() of that one has its handle."),
  TRACED_OUTSIDE(
      "It is traced by a process that is not visible here",
      "A task has one tracer. Its tracer is outside of this pid namespace: look for it outside of"
          + " the container."),
  FILTERED(
      "A seccomp filter of this JVM refuses ptrace",
      "Containers and sandboxes install such filters. docker run --cap-add=SYS_PTRACE, or"
          + " --security-opt seccomp=PROFILE, with a profile that allows ptrace."),
  YAMA_FORBIDS(
      "Yama forbids all tracing (kernel.yama.ptrace_scope is 3)",
      "Only a reboot with another setting in /etc/sysctl.d/ changes that."),
  ANOTHER_USER(
      "It runs as another user or group than this JVM (IDS)",
      "Its real, effective and saved ids must all be the JVM's real ones, unless the JVM has"
          + " CAP_SYS_PTRACE. Run the JVM as that user, or give it the capability: as root, by"
          + " docker run --cap-add=SYS_PTRACE, by systemd's AmbientCapabilities=CAP_SYS_PTRACE."),
  MORE_CAPABILITIES(
      "It has capabilities that this JVM has not (MASK)",
      "capsh --decode=MASK names them. The JVM needs these, or CAP_SYS_PTRACE: docker run"
          + " --cap-add=SYS_PTRACE, systemd's AmbientCapabilities=CAP_SYS_PTRACE."),
  NOT_DUMPABLE(
      "It is not dumpable",
      "It called prctl(PR_SET_DUMPABLE, 0) to protect what it knows, changed its user ids, or"
          + " executes a file with other rights than this user's or that this user may not read."
          + " The JVM needs CAP_SYS_PTRACE."),
  YAMA_CAPABILITY(
      "Yama allows tracing with CAP_SYS_PTRACE only (kernel.yama.ptrace_scope is 2)",
      "Run the JVM as root or with that capability, or lower the scope: sysctl"
          + " kernel.yama.ptrace_scope=0."),
  YAMA_DESCENDANTS(
      "Yama allows tracing of descendants only (kernel.yama.ptrace_scope is 1)",
      "Any one of these helps: sysctl kernel.yama.ptrace_scope=0; CAP_SYS_PTRACE for the JVM; in"
          + " the program, prctl(PR_SET_PTRACER) with the JVM's pid; or launch the program instead"
          + " of attaching to it."),
  SELINUX_DENIES(
      "SELinux forbids all tracing (deny_ptrace is on)",
      "setsebool deny_ptrace 0 allows it until the next reboot, with -P for good."),
  USER_NAMESPACE(
      "It is not in this JVM's user namespace",
      "CAP_SYS_PTRACE reaches processes of the JVM's own user namespace and of those within it"
          + " only. A rootless container is such a namespace: trace from outside of it."),
  SELINUX(
      "SELinux is enforcing its policy",
      "It allows some domains to trace some others only; ausearch -m avc names the rule."),
  APPARMOR(
      "An AppArmor profile is enforced (PROFILES)",
      "It needs a ptrace rule for the other's profile, on both sides; the kernel's audit log names"
          + " what is missing. docker run --security-opt apparmor=unconfined runs without."),
  OTHER_MODULE(
      "A security module refuses it that /proc says nothing of",
      "Landlock lets a process trace only what is restricted as much; BPF programs, Smack and others"
          + " have rules of their own. See the kernel's log."),
  HIDDEN(
      "Its files in /proc are hidden",
      "/proc is mounted with hidepid: most likely it runs as another user. Run the JVM as that user,"
          + " or with CAP_SYS_PTRACE."),
  PROC_ELSEWHERE(
      "/proc is not that of this JVM's pid namespace",
      "It is not mounted, or shows another namespace's numbers, which mean other processes. Mount"
          + " it: mount -t proc proc /proc (unshare has --mount-proc).");

  private final String heading;
  private final String remedy;

  Finding(String heading, String remedy) {
    this.heading = heading;
    this.remedy = remedy;
  }

  /** What stands in the documentation. */
  String heading() {
    return heading;
  }

  /** What is told when nothing stands for anything. */
  String text() {
    return heading + ". " + remedy;
  }

  /** What is told, with what was found in the place of what stands for it. */
  String text(String placeholder, String found) {
    return text().replace(placeholder, found);
  }
}
