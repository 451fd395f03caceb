package io.sysmon.internal.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The open descriptors of a process, from {@code /proc}. */
final class Descriptors {
  private Descriptors() {}

  static List<Integer> of(int pid) {
    try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return entries.map(entry -> Integer.valueOf(entry.getFileName().toString())).toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Listing the descriptors of process " + pid, e);
    }
  }
}
