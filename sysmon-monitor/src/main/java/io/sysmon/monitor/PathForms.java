package io.sysmon.monitor;

import io.sysmon.CallArgument;
import io.sysmon.SyscallEnter;
import io.sysmon.decode.Bytes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the paths of a call mean to its task now: as written, and with symbolic links followed. */
final class PathForms {
  private static final Path TOP = Path.of("/");
  private static final HexFormat HEX = HexFormat.of();

  private final SyscallEnter call;

  /** The directory at which all paths begin that the call names; null for the task's root. */
  private final @Nullable CallArgument within;

  /** Where absolute paths and links begin, and what {@code ..} does not leave. */
  private @Nullable Path root;

  private PathForms(SyscallEnter call, @Nullable CallArgument within) {
    this.call = call;
    this.within = within;
  }

  static PathForms of(SyscallEnter call) {
    return new PathForms(call, null);
  }

  /**
   * As openat2(2) takes them with {@code RESOLVE_IN_ROOT}.
   *
   * @param directory the descriptor of what takes the root's place
   */
  static PathForms within(SyscallEnter call, CallArgument directory) {
    return new PathForms(call, directory);
  }

  private Path root() {
    if (root == null) {
      Optional<Path> directory =
          within == null ? link("/proc/" + call.tid() + "/root") : within.file();
      root = directory.orElse(TOP);
    }
    return root;
  }

  /**
   * The file that an argument names, from the top on. Links and {@code ..} are as they are written;
   * so is all of it where the directory that it begins at is not known.
   */
  Path named(CallArgument argument) {
    Path path = argument.isNull() ? Path.of("") : path(argument.value(Bytes.class));
    return named(path, directory(argument));
  }

  /** The name of a UNIX socket likewise. */
  Path named(Bytes name) {
    return named(path(name), link("/proc/" + call.tid() + "/cwd"));
  }

  private Path named(Path path, Optional<Path> directory) {
    if (path.isAbsolute() || within != null) {
      return root().resolve(path.isAbsolute() ? rest(path, TOP) : path);
    }
    return directory.map(beginning -> beginning.resolve(path)).orElse(path);
  }

  /** Of any bytes: those that are no text in the encoding of this JVM are so in a URI. */
  private static Path path(Bytes name) {
    StringBuilder uri = new StringBuilder("file:///");
    byte[] bytes = name.toByteArray();
    for (byte each : bytes) {
      if (each == '/') {
        uri.append('/');
      } else {
        uri.append('%').append(HEX.toHexDigits(each));
      }
    }
    Path path = Path.of(URI.create(uri.toString()));
    return bytes.length > 0 && bytes[0] == '/' ? path : rest(path, TOP);
  }

  private Optional<Path> directory(CallArgument argument) {
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

  /** What is below a directory, as it is written: {@link Path#relativize} takes {@code ..} away. */
  static Path rest(Path path, Path directory) {
    int from = directory.getNameCount();
    return path.getNameCount() == from ? Path.of("") : path.subpath(from, path.getNameCount());
  }

  /** Without {@code .} and {@code ..}. */
  String normal(Path named) {
    return named.startsWith(root())
        ? root().resolve(rest(TOP.resolve(rest(named, root())).normalize(), TOP)).toString()
        : named.normalize().toString();
  }

  /**
   * All that are known.
   *
   * @param named as {@link #named} gives it
   */
  List<String> all(Path named) {
    Set<String> forms = new LinkedHashSet<>();
    forms.add(normal(named));
    Path directory = named.getParent();
    if (named.isAbsolute() && directory != null && seesOurFiles()) {
      // Not of the normal form: what ".." is depends on where the link before it leads.
      Links links = new Links(call.pid(), call.tid(), root());
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

  /** In another mount namespace its paths mean other files than here. */
  private boolean seesOurFiles() {
    return link("/proc/" + call.tid() + "/ns/mnt").equals(link("/proc/self/ns/mnt"));
  }
}
