package io.sysmon.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the code of one process is, as it was at one moment. */
final class CodeMap {
  private final List<Mapping> mappings;

  private CodeMap(List<Mapping> mappings) {
    this.mappings = mappings;
  }

  /** Of a task that has gone, there is nothing. */
  static CodeMap read(int tid) {
    try {
      byte[] maps = Files.readAllBytes(Path.of("/proc/" + tid + "/maps"));
      return new CodeMap(
          new String(maps, StandardCharsets.UTF_8)
              .lines()
              .map(Mapping::parse)
              .filter(Objects::nonNull)
              .toList());
    } catch (IOException e) {
      return new CodeMap(List.of());
    }
  }

  /** What is mapped at an address; null when it is no code. */
  @Nullable Mapping at(long address) {
    for (Mapping mapping : mappings) {
      if (mapping.holds(address)) {
        return mapping;
      }
    }
    return null;
  }
}
