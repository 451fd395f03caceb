package io.sysmon.internal.permission;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A task's status file (proc_pid_status(5)). A field that the kernel does not show, or a sandbox's
 * {@code /proc} shows in a way of its own, is one that nothing is known about.
 */
final class TaskStatus {
  private static final int HEXADECIMAL = 16;
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern DECIMAL = Pattern.compile("\\d{1,10}");
  private static final Pattern MASK = Pattern.compile("[0-9a-f]{1,16}");

  private final Map<String, String> fields = new HashMap<>();

  private TaskStatus(String text) {
    text.lines()
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              if (colon > 0) {
                fields.putIfAbsent(line.substring(0, colon), line.substring(colon + 1).strip());
              }
            });
  }

  static TaskStatus parse(String text) {
    return new TaskStatus(text);
  }

  /** The status of a task, by the id of any thread. */
  static Optional<TaskStatus> of(Host host, int tid) {
    return host.text("/proc/" + tid + "/status").map(TaskStatus::parse);
  }

  /** The text of a field, empty when there is none. */
  String field(String name) {
    return fields.getOrDefault(name, "");
  }

  /** A field that is one number; 0, which is no task's id, when there is none. */
  int number(String name) {
    return numbers(name).stream().findFirst().map(Long::intValue).orElse(0);
  }

  /** A field that is several numbers, of 32 bits without sign where they are user or group ids. */
  List<Long> numbers(String name) {
    return BLANKS
        .splitAsStream(field(name))
        .filter(number -> DECIMAL.matcher(number).matches())
        .map(Long::valueOf)
        .toList();
  }

  /** A field that is a set of capabilities. */
  long mask(String name) {
    String mask = field(name);
    return MASK.matcher(mask).matches() ? Long.parseUnsignedLong(mask, HEXADECIMAL) : 0;
  }

  boolean hasEnded() {
    return isInState('Z') || isInState('X');
  }

  boolean isInState(char state) {
    return !field("State").isEmpty() && field("State").charAt(0) == state;
  }
}
