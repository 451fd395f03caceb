package io.sysmon.internal.engine;

import io.sysmon.BadAddressException;
import io.sysmon.TracePermissionException;
import io.sysmon.decode.Argument;
import io.sysmon.decode.Bytes;
import io.sysmon.decode.CallValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What files the arguments of a task's call mean, by the links that {@code /proc} has for its
 * working directory, its root directory and its descriptors.
 *
 * @param tid the task, since threads may have working directories and descriptors of their own
 */
record TaskFiles(int tid) {
  private static final int AT_FDCWD = -100;

  Optional<Path> find(CallValues values, Argument argument) {
    try {
      return switch (argument.kind().name()) {
        case "fd" -> Optional.of(descriptor((int) values.number(argument)));
        case "dirfd" -> Optional.of(directory((int) values.number(argument)));
        case "path" -> Optional.of(path(values, argument));
        default -> throw values.wrongKind(argument, "file");
      };
    } catch (IOException | InvalidPathException e) {
      // Nothing is open there, the task must not be looked at, or has ended.
      return Optional.empty();
    } catch (BadAddressException | TracePermissionException e) {
      return Optional.empty();
    }
  }

  private Path link(String name) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/" + tid + "/" + name));
  }

  private Path descriptor(int fd) throws IOException {
    return link("fd/" + fd);
  }

  private Path directory(int fd) throws IOException {
    return fd == AT_FDCWD ? link("cwd") : descriptor(fd);
  }

  private Path path(CallValues values, Argument argument) throws IOException {
    Bytes name = values.value(argument, Bytes.class);
    if (!name.isUtf8()) {
      throw new InvalidPathException(name.utf8(), "not UTF-8");
    }
    Path path = Path.of(name.utf8());
    if (values.hasSucceeded()) {
      // The directories of the task are those that the call has given it.
      switch (values.signature().name()) {
        case "chdir" -> {
          return link("cwd");
        }
        case "chroot" -> {
          return link("root");
        }
        default -> {}
      }
    }
    if (path.isAbsolute()) {
      return link("root").resolve(path.toString().substring(1));
    }
    List<Argument> arguments = values.signature().arguments();
    int before = arguments.indexOf(argument) - 1;
    boolean at = before >= 0 && arguments.get(before).kind().name().equals("dirfd");
    Path directory = at ? directory((int) values.number(arguments.get(before))) : link("cwd");
    return path.toString().isEmpty() ? directory : directory.resolve(path);
  }
}
