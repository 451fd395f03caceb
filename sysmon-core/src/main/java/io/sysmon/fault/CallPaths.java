package io.sysmon.fault;

import io.sysmon.SyscallStop;
import io.sysmon.decode.Argument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files that a call names: read once, when first asked for. Used while the stop's view is
 * valid; what it has given may be kept.
 */
public final class CallPaths {
  private final SyscallStop call;
  private @Nullable List<String> named;
  private @Nullable List<String> described;

  /**
   * The files of a call.
   *
   * @param call the call, at its entry or exit
   */
  public CallPaths(SyscallStop call) {
    this.call = call;
  }

  /**
   * What its path arguments name.
   *
   * @return absolute paths, of which links are not followed; without what cannot be read
   */
  public List<String> named() {
    if (named == null) {
      named = readNames();
    }
    return named;
  }

  /**
   * What its descriptors are of, without those that a path is relative to.
   *
   * @return as {@code /proc/PID/fd} says: paths, {@code socket:[4711]} and alike
   */
  public List<String> described() {
    if (described == null) {
      described = new ArrayList<>();
      for (Argument argument : call.signature().arguments()) {
        if (argument.kind().name().equals("fd")) {
          add(described, descriptor((int) call.arg(argument.register())));
        }
      }
    }
    return described;
  }

  private List<String> readNames() {
    List<String> names = new ArrayList<>();
    String base = null;
    for (Argument argument : call.signature().arguments()) {
      if (argument.kind().name().equals("dirfd")) {
        base = descriptor((int) call.arg(argument.register()));
      } else if (argument.kind().isPath()) {
        String name = call.findString(argument.register()).orElse(null);
        if (name != null) {
          String from = base == null ? link("cwd") : base;
          add(names, name.startsWith("/") ? name : from == null ? null : from + "/" + name);
        }
      }
    }
    names.replaceAll(CallPaths::normal);
    return names;
  }

  private static void add(List<String> list, @Nullable String path) {
    if (path != null) {
      list.add(path);
    }
  }

  /** Null for one that is not open, {@code AT_FDCWD} among them. */
  private @Nullable String descriptor(int number) {
    return number < 0 ? null : link("fd/" + number);
  }

  private @Nullable String link(String name) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + call.tid() + "/" + name)).toString();
    } catch (IOException e) {
      // Not open, or the task was killed: there is nothing that the call could name.
      return null;
    }
  }

  /** The same without empty names, dots, and pairs of dots. */
  private static String normal(String path) {
    Deque<String> names = new ArrayDeque<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        names.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return "/" + String.join("/", names);
  }
}
