package io.sysmon.monitor;

import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a system call is about to do, from its arguments. The only place that knows which argument
 * means what. Where a rule might deny the call, what the arguments point to is read once, and the
 * kernel is made to read the same bytes.
 */
final class CallDecoder {
  private static final Set<String> PRIVILEGES =
      Set.of(
          "setuid",
          "setgid",
          "setreuid",
          "setregid",
          "setresuid",
          "setresgid",
          "setfsuid",
          "setfsgid",
          "setgroups",
          "capset",
          "setuid32",
          "setgid32",
          "setreuid32",
          "setregid32",
          "setresuid32",
          "setresgid32",
          "setfsuid32",
          "setfsgid32",
          "setgroups32");

  private static final List<String> FILES =
      List.of(
          "open",
          "openat",
          "openat2",
          "creat",
          "truncate",
          "truncate64",
          "rename",
          "renameat",
          "renameat2",
          "link",
          "linkat",
          "unlink",
          "unlinkat",
          "rmdir",
          "execve",
          "execveat");

  private static final List<String> OTHERS =
      List.of(
          "connect",
          "bind",
          "listen",
          "accept",
          "accept4",
          "socketcall",
          "kill",
          "tkill",
          "tgkill",
          "rt_sigqueueinfo",
          "rt_tgsigqueueinfo",
          "pidfd_send_signal",
          "ptrace",
          "init_module",
          "finit_module",
          "delete_module",
          "bpf",
          "io_uring_setup");

  /** What becomes of descriptors. */
  private static final List<String> DESCRIPTORS =
      List.of("close", "close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64");

  private static final Map<Integer, String> PTRACE_REQUESTS =
      Map.of(
          0,
          "TRACEME",
          4,
          "POKETEXT",
          5,
          "POKEDATA",
          13,
          "SETREGS",
          16,
          "ATTACH",
          0x4205,
          "SETREGSET",
          0x4206,
          "SEIZE");

  private static final int AT_FDCWD = -100;
  private static final int O_ACCMODE = 3;
  private static final int O_TRUNC = 0x200;
  private static final int O_PATH = 0x200000;

  /** socketcall(2), linux/net.h. */
  private static final int SYS_BIND = 2;

  private static final int SYS_CONNECT = 3;
  private static final int SYS_LISTEN = 4;

  private CallDecoder() {}

  static Interest interest() {
    List<String> names = new ArrayList<>(FILES);
    names.addAll(OTHERS);
    names.addAll(DESCRIPTORS);
    names.addAll(PRIVILEGES);
    return Interest.of(names.toArray(String[]::new));
  }

  /** Null for a call that is not about to do anything that is told. */
  static @Nullable Attempt decode(SyscallEnter call, ProcessState process, Policy policy) {
    String name = call.name();
    return switch (name) {
      case "open" -> open(call, policy, AT_FDCWD, 0, (int) call.arg(1));
      case "openat" -> open(call, policy, (int) call.arg(0), 1, (int) call.arg(2));
      case "openat2" -> openat2(call, policy);
      case "creat" -> open(call, policy, AT_FDCWD, 0, 1 | O_TRUNC);
      case "truncate", "truncate64" -> open(call, policy, AT_FDCWD, 0, 1);
      case "rename", "link" -> twoPaths(call, policy, false);
      case "renameat", "renameat2", "linkat" -> twoPaths(call, policy, true);
      case "unlink", "rmdir" -> path(call, policy, EventKind.FILE_REMOVE, AT_FDCWD, 0);
      case "unlinkat" -> path(call, policy, EventKind.FILE_REMOVE, (int) call.arg(0), 1);
      case "execve" -> path(call, policy, EventKind.PROCESS_START, AT_FDCWD, 0);
      case "execveat" -> path(call, policy, EventKind.PROCESS_START, (int) call.arg(0), 1);
      case "connect" -> connect(call, policy);
      case "listen" -> listen(process, (int) call.arg(0));
      case "bind" -> bind(call, process);
      case "socketcall" -> socketcall(call, process, policy);
      case "accept", "accept4" -> new Attempt(EventKind.NET_ACCEPT, Rule.Target.NONE);
      case "kill", "tkill", "rt_sigqueueinfo", "pidfd_send_signal" -> signal(call, 0, 1);
      case "tgkill", "rt_tgsigqueueinfo" -> signal(call, 1, 2);
      case "ptrace" -> ptrace(call);
      case "init_module", "finit_module", "delete_module" ->
          new Attempt(EventKind.MODULE, Rule.Target.NONE).with("call", name);
      case "bpf" -> new Attempt(EventKind.BPF, Rule.Target.NONE).with("command", call.arg(0));
      case "io_uring_setup" -> new Attempt(EventKind.IO_URING, Rule.Target.NONE);
      default ->
          PRIVILEGES.contains(name)
              ? new Attempt(EventKind.PRIVILEGE, Rule.Target.NONE).with("call", name)
              : null;
    };
  }

  private static @Nullable Attempt open(
      SyscallEnter call, Policy policy, int directory, int path, int flags) {
    if ((flags & O_PATH) != 0) {
      return null;
    }
    boolean writes = (flags & O_ACCMODE) != 0 || (flags & O_TRUNC) != 0;
    EventKind kind = writes ? EventKind.FILE_WRITE : EventKind.FILE_READ;
    Attempt attempt = path(call, policy, kind, directory, path);
    if (attempt != null && (flags & O_TRUNC) != 0) {
      attempt.with("truncates", true);
    }
    return attempt;
  }

  private static @Nullable Attempt openat2(SyscallEnter call, Policy policy) {
    // The flags are in memory, too: what is opened for writing must not be taken for a read.
    boolean pinned =
        policy.isRestricted(EventKind.FILE_WRITE) || policy.isRestricted(EventKind.FILE_READ);
    int size = (int) Math.min(call.arg(3), 4096);
    if (size < Long.BYTES) {
      return null;
    }
    byte[] how = CallMemory.bytes(call, 2, size, pinned);
    int flags = (int) ByteBuffer.wrap(how).order(ByteOrder.nativeOrder()).getLong();
    return open(call, policy, (int) call.arg(0), 1, flags);
  }

  private static @Nullable Attempt path(
      SyscallEnter call, Policy policy, EventKind kind, int directory, int index) {
    if (policy.ignores(kind)) {
      return null;
    }
    String path = CallMemory.path(call, index, policy.isRestricted(kind));
    String absolute = PathForms.absolute(call.tid(), directory, path);
    return new Attempt(kind, target(call, policy, kind, List.of(absolute))).with("path", absolute);
  }

  private static Rule.Target target(
      SyscallEnter call, Policy policy, EventKind kind, List<String> paths) {
    return new Rule.Target(
        policy.hasRules(kind)
            ? paths.stream().flatMap(path -> PathForms.all(call.tid(), path).stream()).toList()
            : paths,
        null);
  }

  private static @Nullable Attempt twoPaths(SyscallEnter call, Policy policy, boolean at) {
    EventKind kind = EventKind.FILE_RENAME;
    if (policy.ignores(kind)) {
      return null;
    }
    boolean pinned = policy.isRestricted(kind);
    String from = CallMemory.path(call, at ? 1 : 0, pinned);
    String to = CallMemory.path(call, at ? 3 : 1, pinned);
    int tid = call.tid();
    from = PathForms.absolute(tid, at ? (int) call.arg(0) : AT_FDCWD, from);
    to = PathForms.absolute(tid, at ? (int) call.arg(2) : AT_FDCWD, to);
    return new Attempt(kind, target(call, policy, kind, List.of(from, to)))
        .with("path", from)
        .with("to", to);
  }

  private static @Nullable Attempt connect(SyscallEnter call, Policy policy) {
    EventKind kind = EventKind.NET_CONNECT;
    return policy.ignores(kind)
        ? null
        : connect(CallMemory.address(call, 1, (int) call.arg(2), policy.isRestricted(kind)));
  }

  private static Attempt connect(Address address) {
    return new Attempt(EventKind.NET_CONNECT, new Rule.Target(List.of(), address))
        .with("address", address.toString());
  }

  private static @Nullable Attempt bind(SyscallEnter call, ProcessState process) {
    process.bound((int) call.arg(0), CallMemory.address(call, 1, (int) call.arg(2), false));
    return null;
  }

  private static Attempt listen(ProcessState process, int descriptor) {
    Address address = process.boundTo(descriptor);
    Attempt attempt = new Attempt(EventKind.NET_LISTEN, new Rule.Target(List.of(), address));
    return address == null ? attempt : attempt.with("address", address.toString());
  }

  /** Of i386: the arguments are in memory, and so is what they point to. */
  private static @Nullable Attempt socketcall(
      SyscallEnter call, ProcessState process, Policy policy) {
    int which = (int) call.arg(0);
    if (which != SYS_CONNECT && which != SYS_LISTEN && which != SYS_BIND) {
      return null;
    }
    boolean pinned = which == SYS_CONNECT && policy.isRestricted(EventKind.NET_CONNECT);
    int words = which == SYS_LISTEN ? 2 : 3;
    byte[] arguments = CallMemory.bytes(call, 1, words * Integer.BYTES, false);
    ByteBuffer fields = ByteBuffer.wrap(arguments).order(ByteOrder.nativeOrder());
    int descriptor = fields.getInt(0);
    if (which == SYS_LISTEN) {
      return listen(process, descriptor);
    }
    int length = fields.getInt(2 * Integer.BYTES);
    if (length < 0 || length > 128) {
      length = 0;
    }
    byte[] bytes = call.memory().read(Integer.toUnsignedLong(fields.getInt(Integer.BYTES)), length);
    if (pinned) {
      call.relocateBytes(1, bytes);
      fields.putInt(Integer.BYTES, (int) call.arg(1)).putInt(2 * Integer.BYTES, length);
      call.relocateBytes(1, arguments);
    }
    if (which == SYS_BIND) {
      process.bound(descriptor, Address.of(bytes));
      return null;
    }
    return connect(Address.of(bytes));
  }

  private static @Nullable Attempt signal(SyscallEnter call, int target, int signal) {
    int number = (int) call.arg(signal);
    if (number == 0) {
      // Asks only whether there is such a process.
      return null;
    }
    String to = call.name().equals("pidfd_send_signal") ? "pidfd " : "";
    return new Attempt(EventKind.SIGNAL, Rule.Target.NONE)
        .with("signal", Signal.of(number).name())
        .with("target", to + (int) call.arg(target));
  }

  private static @Nullable Attempt ptrace(SyscallEnter call) {
    String request = PTRACE_REQUESTS.get((int) call.arg(0));
    // What is done with a tracee once it is one, many times, is not told again.
    return request == null
        ? null
        : new Attempt(EventKind.PTRACE, Rule.Target.NONE)
            .with("request", request)
            .with("target", String.valueOf((int) call.arg(1)));
  }
}
