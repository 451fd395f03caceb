package io.sysmon.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;

/** The tasks that {@code -p} names, and the processes that they belong to. Immutable. */
final class Targets {
  private static final String SEPARATORS = ", \t\n\r";
  private static final String THREAD_GROUP = "Tgid:";

  private final Map<Integer, Integer> processOf;

  private Targets(Map<Integer, Integer> processOf) {
    this.processOf = processOf;
  }

  /**
   * Reads lists of process ids, separated by commas or white space as pidof(1) and pgrep(1) do it.
   *
   * @throws UserException when one is no number that a process could have
   */
  static Targets parse(List<String> lists) {
    Map<Integer, Integer> processOf = new LinkedHashMap<>();
    for (String list : lists) {
      StringTokenizer words = new StringTokenizer(list, SEPARATORS);
      while (words.hasMoreTokens()) {
        int tid = id(words.nextToken());
        processOf.put(tid, processOf(tid));
      }
    }
    return new Targets(processOf);
  }

  private static int id(String word) {
    try {
      int id = Integer.parseInt(word);
      if (id > 0) {
        return id;
      }
    } catch (NumberFormatException e) {
      throw invalid(word);
    }
    throw invalid(word);
  }

  private static UserException invalid(String word) {
    return new UserException("Invalid process id: '" + word + "'");
  }

  /** By /proc/TID/status, proc_pid_status(5), which every thread has. */
  private static int processOf(int tid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + tid + "/status"))) {
        if (line.startsWith(THREAD_GROUP)) {
          return Integer.parseInt(line.substring(THREAD_GROUP.length()).trim());
        }
      }
    } catch (IOException e) {
      // There is none of that number: attaching to it will tell.
      return tid;
    }
    return tid;
  }

  boolean isEmpty() {
    return processOf.isEmpty();
  }

  /** How many tasks are named. */
  int size() {
    return processOf.size();
  }

  /** Whether this task is named. */
  boolean names(int tid) {
    return processOf.containsKey(tid);
  }

  /** The processes, each once. */
  Set<Integer> processes() {
    return Collections.unmodifiableSet(new LinkedHashSet<>(processOf.values()));
  }

  /** The tasks of a process that are named. */
  Collection<Integer> of(int process) {
    return processOf.entrySet().stream()
        .filter(entry -> entry.getValue() == process)
        .map(Map.Entry::getKey)
        .toList();
  }
}
