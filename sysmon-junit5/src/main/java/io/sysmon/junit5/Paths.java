package io.sysmon.junit5;

import io.sysmon.fault.PathPattern;
import java.util.Arrays;
import java.util.List;

/** Patterns of paths, any of which is meant. */
final class Paths {
  private final List<PathPattern> patterns;

  Paths(String... globs) {
    patterns = Arrays.stream(globs).map(PathPattern::parse).toList();
  }

  boolean include(String path) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(path));
  }
}
