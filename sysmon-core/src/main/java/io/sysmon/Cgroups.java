package io.sysmon;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code /proc/PID/cgroup} says: lines {@code ID:CONTROLLERS:PATH}, that of the unified
 * hierarchy {@code 0::PATH} (cgroups(7)).
 *
 * @param path of the unified hierarchy, or another one where that is the root
 * @param container as the path names it
 */
record Cgroups(String path, Optional<String> container) {
  private static final Pattern ID = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");
  private static final Pattern NAME =
      Pattern.compile("/lxc(?:\\.payload[./]|/)([^/]+)|/machine-([^/]+)\\.scope");

  static Cgroups parse(String text) {
    String path =
        text.lines()
            .filter(line -> line.startsWith("0::"))
            .map(Cgroups::pathOf)
            .filter(unified -> !unified.equals("/"))
            .findFirst()
            .or(() -> text.lines().map(Cgroups::pathOf).filter(any -> any.length() > 1).findFirst())
            .orElse("/");
    return new Cgroups(
        path, text.lines().flatMap(line -> container(pathOf(line)).stream()).findFirst());
  }

  private static String pathOf(String line) {
    String[] fields = line.split(":", 3);
    return fields.length == 3 ? fields[2] : "/";
  }

  /** The innermost: a container may run others. */
  private static Optional<String> container(String path) {
    Optional<String> id =
        ID.matcher(path).results().map(found -> found.group()).reduce((a, b) -> b);
    return id.or(() -> name(path));
  }

  private static Optional<String> name(String path) {
    Matcher matcher = NAME.matcher(path);
    if (!matcher.find()) {
      return Optional.empty();
    }
    return Optional.of(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
  }
}
