package io.sysmon.monitor;

import io.sysmon.BadAddressException;
import io.sysmon.CallArgument;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.decode.Constant;
import io.sysmon.decode.Flags;
import io.sysmon.decode.OpenHow;
import io.sysmon.decode.SockAddr;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a system call is about to do, from its arguments. The only place that knows which call is
 * about what. Where a rule might deny the call, what the arguments point to is copied first, and
 * the kernel is made to read the copy.
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

  private static final Set<String> ATTRIBUTES =
      Set.of(
          "chmod",
          "fchmod",
          "fchmodat",
          "fchmodat2",
          "chown",
          "lchown",
          "fchown",
          "fchownat",
          "chown32",
          "lchown32",
          "fchown32",
          "utime",
          "utimes",
          "futimesat",
          "utimensat",
          "utimensat_time64",
          "setxattr",
          "lsetxattr",
          "fsetxattr",
          "setxattrat",
          "removexattr",
          "lremovexattr",
          "fremovexattr",
          "removexattrat",
          "file_setattr");

  private static final List<String> OPENS = List.of("open", "openat", "openat2");

  /** By what they do. A socketcall(2) is one of those of sockets. */
  private static final Map<EventKind, List<String>> CALLS =
      Map.ofEntries(
          Map.entry(EventKind.FILE_READ, OPENS),
          Map.entry(
              EventKind.FILE_WRITE,
              List.of(
                  "open",
                  "openat",
                  "openat2",
                  "creat",
                  "truncate",
                  "truncate64",
                  "mkdir",
                  "mkdirat",
                  "mknod",
                  "mknodat",
                  "symlink",
                  "symlinkat",
                  "bind",
                  "socketcall")),
          Map.entry(EventKind.FILE_ATTRIBUTES, List.copyOf(ATTRIBUTES)),
          Map.entry(
              EventKind.FILE_RENAME, List.of("rename", "renameat", "renameat2", "link", "linkat")),
          Map.entry(EventKind.FILE_REMOVE, List.of("unlink", "unlinkat", "rmdir")),
          Map.entry(
              EventKind.FILE_MODIFIED,
              List.of("close", "close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64")),
          Map.entry(EventKind.PROCESS_START, List.of("execve", "execveat")),
          Map.entry(
              EventKind.NET_CONNECT,
              List.of("connect", "sendto", "sendmsg", "sendmmsg", "socketcall")),
          Map.entry(EventKind.NET_ACCEPT, List.of("accept", "accept4", "socketcall")),
          Map.entry(EventKind.NET_LISTEN, List.of("bind", "listen", "socketcall")),
          Map.entry(
              EventKind.SIGNAL,
              List.of(
                  "kill",
                  "tkill",
                  "tgkill",
                  "rt_sigqueueinfo",
                  "rt_tgsigqueueinfo",
                  "pidfd_send_signal")),
          Map.entry(EventKind.PRIVILEGE, List.copyOf(PRIVILEGES)),
          Map.entry(EventKind.PTRACE, List.of("ptrace")),
          Map.entry(EventKind.MODULE, List.of("init_module", "finit_module", "delete_module")),
          Map.entry(EventKind.BPF, List.of("bpf")),
          Map.entry(EventKind.IO_URING, List.of("io_uring_setup")));

  /** What begins a trace, or writes to a tracee. */
  private static final Set<String> PTRACE_REQUESTS =
      Set.of("TRACEME", "POKETEXT", "POKEDATA", "SETREGS", "ATTACH", "SETREGSET", "SEIZE");

  private static final String PTRACE = "PTRACE_";

  /** Of symlink(2). */
  private static final String LINK_TEXT = "target";

  /** {@code sizeof(struct open_how)} as openat2(2) had it first; with less it fails. */
  private static final int LEAST_HOW = 24;

  /** With more than a page openat2(2) fails. */
  private static final int MOST_HOW = 4096;

  private CallDecoder() {}

  /** Of every kind. */
  static Interest interest() {
    return interest(EnumSet.allOf(EventKind.class));
  }

  /** In the calls that do something of some kinds. */
  static Interest interest(Set<EventKind> kinds) {
    String[] names =
        kinds.stream()
            .flatMap(kind -> CALLS.getOrDefault(kind, List.of()).stream())
            .distinct()
            .toArray(String[]::new);
    return names.length == 0 ? Interest.none() : Interest.of(names);
  }

  /** Null for a call that is not about to do anything that is told. */
  static @Nullable Attempt decode(SyscallEnter call, ProcessState process, Policy policy) {
    String name = call.meant().name();
    return switch (name) {
      case "open", "openat" ->
          open(call, policy, PathForms.of(call), call.argument("flags").flags());
      case "openat2" -> openat2(call, policy);
      case "creat" -> write(call, policy, PathForms.of(call), true);
      case "truncate", "truncate64" -> write(call, policy, PathForms.of(call), false);
      case "mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat" ->
          named(name, file(call, policy, EventKind.FILE_WRITE, PathForms.of(call)));
      case "rename", "renameat", "renameat2", "link", "linkat" -> rename(call, policy);
      case "unlink", "unlinkat", "rmdir" ->
          file(call, policy, EventKind.FILE_REMOVE, PathForms.of(call));
      case "execve", "execveat" -> file(call, policy, EventKind.PROCESS_START, PathForms.of(call));
      case "connect" -> Sending.connect(call, policy);
      case "sendto" -> Sending.sendto(call, process, policy);
      case "sendmsg" -> Sending.sendmsg(call, process, policy);
      case "sendmmsg" -> Sending.sendmmsg(call, process, policy);
      case "listen" -> listen(process, (int) call.number(0));
      case "bind" -> bind(call, process, policy);
      case "socketcall" ->
          throw new BadAddressException("Its arguments cannot be read", call.arg(1), 0);
      case "accept", "accept4" -> new Attempt(EventKind.NET_ACCEPT, Rule.Target.NONE);
      case "kill", "tkill", "rt_sigqueueinfo", "pidfd_send_signal" -> signal(call, 0, 1);
      case "tgkill", "rt_tgsigqueueinfo" -> signal(call, 1, 2);
      case "ptrace" -> ptrace(call);
      case "init_module", "finit_module", "delete_module" ->
          new Attempt(EventKind.MODULE, Rule.Target.NONE).with("call", name);
      case "bpf" -> new Attempt(EventKind.BPF, Rule.Target.NONE).with("command", call.number(0));
      case "io_uring_setup" -> new Attempt(EventKind.IO_URING, Rule.Target.NONE);
      default -> ATTRIBUTES.contains(name) ? attributes(call, policy) : privilege(name);
    };
  }

  private static @Nullable Attempt privilege(String name) {
    return PRIVILEGES.contains(name)
        ? new Attempt(EventKind.PRIVILEGE, Rule.Target.NONE).with("call", name)
        : null;
  }

  private static @Nullable Attempt attributes(SyscallEnter call, Policy policy) {
    return named(call.name(), file(call, policy, EventKind.FILE_ATTRIBUTES, PathForms.of(call)));
  }

  /** Of what several calls do. */
  private static @Nullable Attempt named(String call, @Nullable Attempt attempt) {
    return attempt == null ? null : attempt.with("call", call);
  }

  /** Whether it returns a descriptor of what it writes to. */
  static boolean opens(String call) {
    return OPENS.contains(call) || call.equals("creat");
  }

  private static @Nullable Attempt open(
      SyscallEnter call, Policy policy, PathForms forms, Flags flags) {
    if (flags.contains("O_PATH")) {
      return null;
    }
    boolean truncates = flags.contains("O_TRUNC");
    return truncates || flags.contains("O_CREAT") || !flags.contains("O_RDONLY")
        ? write(call, policy, forms, truncates)
        : file(call, policy, EventKind.FILE_READ, forms);
  }

  private static @Nullable Attempt write(
      SyscallEnter call, Policy policy, PathForms forms, boolean truncates) {
    Attempt attempt = file(call, policy, EventKind.FILE_WRITE, forms);
    return attempt == null || !truncates ? attempt : attempt.with("truncates", true);
  }

  private static @Nullable Attempt openat2(SyscallEnter call, Policy policy) {
    long size = call.number(3);
    if (size < LEAST_HOW || size > MOST_HOW) {
      return null;
    }
    // The flags are in memory, too: what is opened for writing must not be taken for a read.
    if (policy.isRestricted(EventKind.FILE_WRITE) || policy.isRestricted(EventKind.FILE_READ)) {
      new PinnedArguments(call).bytes(2, (int) size);
    }
    OpenHow how = call.value(2, OpenHow.class);
    PathForms forms =
        how.resolve().contains("RESOLVE_IN_ROOT")
            ? PathForms.within(call, call.argument(0))
            : PathForms.of(call);
    return open(call, policy, forms, how.flags());
  }

  private static @Nullable Attempt file(
      SyscallEnter call, Policy policy, EventKind kind, PathForms forms) {
    if (policy.ignores(kind)) {
      return null;
    }
    List<Path> files = files(call, policy, kind, forms);
    // None under a descriptor of a pipe, or of nothing.
    return files.isEmpty()
        ? null
        : new Attempt(kind, target(policy, kind, forms, files))
            .with("path", forms.normal(files.get(0)));
  }

  private static @Nullable Attempt rename(SyscallEnter call, Policy policy) {
    EventKind kind = EventKind.FILE_RENAME;
    if (policy.ignores(kind)) {
      return null;
    }
    PathForms forms = PathForms.of(call);
    List<Path> files = files(call, policy, kind, forms);
    return new Attempt(kind, target(policy, kind, forms, files))
        .with("path", forms.normal(files.get(0)))
        .with("to", forms.normal(files.get(1)));
  }

  /** What its paths name, in their order, or its descriptor. The text of a link is no path yet. */
  private static List<Path> files(
      SyscallEnter call, Policy policy, EventKind kind, PathForms forms) {
    List<Path> files = new ArrayList<>();
    for (CallArgument argument : call.arguments()) {
      if (argument.kind().name().equals("fd")) {
        argument.file().filter(Path::isAbsolute).ifPresent(files::add);
      } else if (argument.kind().isPath() && !argument.name().equals(LINK_TEXT)) {
        // Without a path it is the file of the descriptor before it.
        if (policy.isRestricted(kind) && !argument.isNull()) {
          new PinnedArguments(call).path(argument);
        }
        files.add(forms.named(call.argument(argument.index())));
      }
    }
    return files;
  }

  private static Rule.Target target(
      Policy policy, EventKind kind, PathForms forms, List<Path> files) {
    return new Rule.Target(
        policy.hasRules(kind)
            ? files.stream().flatMap(file -> forms.all(file).stream()).toList()
            : List.of(),
        List.of());
  }

  private static @Nullable Attempt bind(SyscallEnter call, ProcessState process, Policy policy) {
    if (policy.isRestricted(EventKind.FILE_WRITE) || policy.isRestricted(EventKind.NET_LISTEN)) {
      new PinnedArguments(call).address(call.argument("addr"), call.argument("addrlen"));
    }
    Optional<SockAddr> found = call.argument("addr").find(SockAddr.class);
    if (found.isEmpty()) {
      return null;
    }
    SockAddr address = found.get();
    process.bound((int) call.number(0), Sending.forms(call, policy, EventKind.NET_LISTEN, address));
    EventKind kind = EventKind.FILE_WRITE;
    if (!Sending.isFile(address) || policy.ignores(kind)) {
      return null;
    }
    PathForms forms = PathForms.of(call);
    Path file = forms.named(((SockAddr.Unix) address).path());
    return new Attempt(kind, target(policy, kind, forms, List.of(file)))
        .with("path", forms.normal(file))
        .with("call", "bind");
  }

  private static Attempt listen(ProcessState process, int descriptor) {
    List<Address> forms = process.boundTo(descriptor);
    Attempt attempt = new Attempt(EventKind.NET_LISTEN, new Rule.Target(List.of(), forms));
    return forms.isEmpty() ? attempt : attempt.with("address", forms.get(0).toString());
  }

  private static @Nullable Attempt signal(SyscallEnter call, int target, int signal) {
    if (call.number(signal) == 0) {
      // Asks only whether there is such a process.
      return null;
    }
    String to = call.name().equals("pidfd_send_signal") ? "pidfd " : "";
    return new Attempt(EventKind.SIGNAL, Rule.Target.NONE)
        .with("signal", call.value(signal, Signal.class).name())
        .with("target", to + call.number(target));
  }

  private static @Nullable Attempt ptrace(SyscallEnter call) {
    String request =
        call.value(0, Constant.class)
            .name()
            .filter(name -> name.startsWith(PTRACE))
            .map(name -> name.substring(PTRACE.length()))
            .orElse("");
    // What is done with a tracee once it is one, many times, is not told again.
    return PTRACE_REQUESTS.contains(request)
        ? new Attempt(EventKind.PTRACE, Rule.Target.NONE)
            .with("request", request)
            .with("target", String.valueOf((int) call.arg(1)))
        : null;
  }
}
