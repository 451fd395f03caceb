package io.sysmon.tests.services;

import io.sysmon.tests.support.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What {@code /proc} tells of the processes of a service and should not change. */
final class ServiceState {
  /** Lines of /proc/TID/status that count something, or are of the moment. */
  private static final Pattern OF_THE_MOMENT =
      Pattern.compile(
          "(Vm|Rss|Hugetlb)\\w+|State|Threads|SigQ|SigPnd|ShdPnd|FDSize|\\w*ctxt_switches");

  /** Lines of /proc/PID/maps of what grows by itself: no file, or the heap and the stacks. */
  private static final Pattern ANONYMOUS =
      Pattern.compile("\\S+ \\S+ \\S+ 00:00 0 *(\\[heap]|\\[stack.*)?");

  private final Map<String, List<String>> statuses = new HashMap<>();
  private final Map<String, List<String>> mappings = new HashMap<>();

  /** Looks at some processes. One that ends meanwhile is not there. */
  static ServiceState of(List<Integer> processes) {
    ServiceState state = new ServiceState();
    for (int pid : processes) {
      state.look("/proc/" + pid + "/maps", state.mappings, ServiceState::withoutAnonymous);
      for (int tid : Tasks.of(pid)) {
        state.look(
            "/proc/" + pid + "/task/" + tid + "/status", state.statuses, ServiceState::fixed);
      }
    }
    return state;
  }

  private interface Filter {
    List<String> of(List<String> lines);
  }

  private void look(String file, Map<String, List<String>> into, Filter filter) {
    try {
      into.put(file, filter.of(Files.readAllLines(Path.of(file))));
    } catch (IOException e) {
      // It has ended.
      into.remove(file);
    }
  }

  private static List<String> fixed(List<String> lines) {
    return lines.stream()
        .filter(line -> !OF_THE_MOMENT.matcher(line.substring(0, line.indexOf(':'))).matches())
        .toList();
  }

  private static List<String> withoutAnonymous(List<String> lines) {
    return lines.stream().filter(line -> !ANONYMOUS.matcher(line).matches()).toList();
  }

  /** What is otherwise now, of the processes and threads that are in both. */
  List<String> differencesTo(ServiceState now) {
    Map<String, List<String>> before = new LinkedHashMap<>(statuses);
    before.putAll(mappings);
    Map<String, List<String>> after = new LinkedHashMap<>(now.statuses);
    after.putAll(now.mappings);
    before.keySet().retainAll(after.keySet());
    List<String> differences = new ArrayList<>();
    before.forEach(
        (file, lines) -> {
          List<String> other = after.get(file);
          lines.stream()
              .filter(l -> !other.contains(l))
              .map(l -> file + " had " + l)
              .forEach(differences::add);
          other.stream()
              .filter(l -> !lines.contains(l))
              .map(l -> file + " has " + l)
              .forEach(differences::add);
        });
    return differences;
  }

  /** How many processes and threads were looked at. */
  int size() {
    return statuses.size();
  }
}
