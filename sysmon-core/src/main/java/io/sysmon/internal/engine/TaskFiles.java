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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What files the arguments of a task's call mean, by the links that {@code /proc} has for its
 * working directory, its root directory and its descriptors.
 *
 * @param tid the task, since threads may have working directories and descriptors of their own
 */
record TaskFiles(int tid) {
  private static final int AT_FDCWD = -100;
  private static final Pattern LEADING_SLASHES = Pattern.compile("^/+");

  /**
   * Where a file is.
   *
   * @param name in the directory; none for the directory itself, and for what a descriptor is of
   */
  private record Place(Path directory, String name, boolean isText) {
    static Place of(Path file) {
      return new Place(file, "", true);
    }

    Path path() {
      if (!isText) {
        throw new InvalidPathException(name, "not UTF-8");
      }
      return directory.resolve(name);
    }

    String text() {
      String whole = name.isEmpty() ? directory.toString() : directory + "/" + name;
      return directory.isAbsolute() ? normal(whole) : whole;
    }

    private static String normal(String path) {
      Deque<String> names = new ArrayDeque<>();
      for (String each : path.split("/", -1)) {
        if (each.equals("..")) {
          names.pollLast();
        } else if (!each.isEmpty() && !each.equals(".")) {
          names.add(each);
        }
      }
      return "/" + String.join("/", names);
    }
  }

  /** As the program wrote it. */
  Optional<Path> find(CallValues values, Argument argument) {
    try {
      return place(values, argument).map(Place::path);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Normal, and also of names that are no paths of this JVM. */
  Optional<String> text(CallValues values, Argument argument) {
    return place(values, argument).map(Place::text);
  }

  private Optional<Place> place(CallValues values, Argument argument) {
    try {
      return switch (argument.kind().name()) {
        case "fd" -> Optional.of(Place.of(descriptor((int) values.number(argument))));
        case "dirfd" -> Optional.of(Place.of(directory((int) values.number(argument))));
        case "path" -> Optional.of(named(values, argument));
        default -> throw values.wrongKind(argument, "file");
      };
    } catch (IOException e) {
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

  private Place named(CallValues values, Argument argument) throws IOException {
    Bytes bytes = values.value(argument, Bytes.class);
    if (values.hasSucceeded()) {
      // The directories of the task are those that the call has given it.
      switch (values.signature().name()) {
        case "chdir" -> {
          return Place.of(link("cwd"));
        }
        case "chroot" -> {
          return Place.of(link("root"));
        }
        default -> {}
      }
    }
    String name = bytes.utf8();
    if (name.startsWith("/")) {
      return new Place(
          link("root"), LEADING_SLASHES.matcher(name).replaceFirst(""), bytes.isUtf8());
    }
    List<Argument> arguments = values.signature().arguments();
    int before = arguments.indexOf(argument) - 1;
    boolean at = before >= 0 && arguments.get(before).kind().name().equals("dirfd");
    Path directory = at ? directory((int) values.number(arguments.get(before))) : link("cwd");
    return new Place(directory, name, bytes.isUtf8());
  }
}
