package io.sysmon.internal.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds out why the kernel refuses to let a process trace its own child. */
final class Permission {
  private static final Path YAMA = Path.of("/proc/sys/kernel/yama/ptrace_scope");
  private static final Path STATUS = Path.of("/proc/self/status");

  private Permission() {}

  static String ownChildRefused(int child) {
    return "PTRACE_SEIZE of a child process answered EPERM. "
        + reason(read(YAMA), read(STATUS), read(Path.of("/proc/" + child + "/status")));
  }

  /**
   * Draws the conclusion.
   *
   * @param yama the content of {@code ptrace_scope}
   * @param own this process's status file
   * @param child the child's status file
   */
  static String reason(Optional<String> yama, Optional<String> own, Optional<String> child) {
    String tracer = field(child, "TracerPid");
    if (!tracer.isEmpty() && !tracer.equals("0")) {
      return "The child is traced by process "
          + tracer
          + " already, which follows this JVM (strace -f, a debugger): a process has one tracer.";
    }
    if (yama.map(String::trim).filter("3"::equals).isPresent()) {
      return "Yama forbids all tracing (kernel.yama.ptrace_scope is 3); only a reboot with another"
          + " setting changes that.";
    }
    String filtered = field(own, "Seccomp");
    if (!filtered.isEmpty() && !filtered.equals("0")) {
      return "This process runs under a seccomp filter, as containers do. Allow ptrace there:"
          + " docker run --cap-add=SYS_PTRACE, or --security-opt seccomp=unconfined.";
    }
    return "A security module (SELinux, AppArmor) or the container's profile forbids ptrace; see the"
        + " kernel's audit log.";
  }

  /** Whether a child of ours has ended and was not reaped yet. */
  static boolean hasEnded(int child) {
    return field(read(Path.of("/proc/" + child + "/status")), "State").startsWith("Z");
  }

  private static String field(Optional<String> status, String name) {
    return status.stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).trim())
        .findFirst()
        .orElse("");
  }

  private static Optional<String> read(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      // Yama is not built in, or /proc is not mounted: nothing to say about it.
      return Optional.empty();
    }
  }
}
