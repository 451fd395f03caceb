package io.sysmon.monitor;

import io.sysmon.CallArgument;
import io.sysmon.SyscallEnter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What a path means to a process now: as written, and with symbolic links followed. */
final class PathForms {
  private static final Pattern BEYOND_ASCII = Pattern.compile("[^\\x00-\\x7f]");

  private PathForms() {}

  /**
   * The file that an argument names, from the root on. Links and {@code ..} are as they are
   * written; so is all of it where the directory that it begins at is not known.
   */
  static Path named(SyscallEnter call, CallArgument argument) {
    return argument.file().orElseGet(() -> replaced(call, argument));
  }

  /** Of a name that is no text, or that the JVM's encoding lacks: with other characters in it. */
  private static Path replaced(SyscallEnter call, CallArgument argument) {
    Path path = path(argument.path());
    return path.isAbsolute()
        ? path
        : directory(call, argument).map(directory -> directory.resolve(path)).orElse(path);
  }

  /** The name of a UNIX socket, from the root on. */
  static Path named(SyscallEnter call, String text) {
    Path path = path(text);
    return link("/proc/" + call.tid() + "/cwd").map(cwd -> cwd.resolve(path)).orElse(path);
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      return Path.of(BEYOND_ASCII.matcher(text).replaceAll("?"));
    }
  }

  private static Optional<Path> directory(SyscallEnter call, CallArgument argument) {
    for (CallArgument before : call.arguments()) {
      if (before.index() == argument.index() - 1 && before.kind().name().equals("dirfd")) {
        return before.file();
      }
    }
    return link("/proc/" + call.tid() + "/cwd");
  }

  private static Optional<Path> link(String link) {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of(link)));
    } catch (IOException e) {
      // The task has ended, or must not be looked at.
      return Optional.empty();
    }
  }

  /** Without {@code .} and {@code ..}. */
  static String normal(Path path) {
    return path.normalize().toString();
  }

  /**
   * All that are known.
   *
   * @param call whose task names it
   * @param named as {@link #named} gives it
   */
  static List<String> all(SyscallEnter call, Path named) {
    Set<String> forms = new LinkedHashSet<>();
    forms.add(normal(named));
    Path directory = named.getParent();
    if (named.isAbsolute() && directory != null && seesOurFiles(call.tid())) {
      // Not of the normal form: what ".." is depends on where the link before it leads.
      Links links = new Links(call.pid(), call.tid(), named.getRoot());
      Path file = links.follow(named);
      if (file != null) {
        forms.add(file.toString());
      }
      // What is removed or renamed is the link itself, in the directory where it is.
      Path real = links.follow(directory);
      if (real != null) {
        forms.add(normal(real.resolve(named.getFileName())));
      }
    }
    return List.copyOf(forms);
  }

  /** In another mount namespace, or with another root, its paths mean other files than here. */
  private static boolean seesOurFiles(int tid) {
    return isOurs(tid, "/ns/mnt") && isOurs(tid, "/root");
  }

  private static boolean isOurs(int tid, String name) {
    return link("/proc/" + tid + name).equals(link("/proc/self" + name));
  }
}
