package io.sysmon.examples.parity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines of a {@code -f -o} trace, made comparable: by task, with calls that were cut off put
 * together again, and without what differs from run to run. A call that never went on is left out:
 * whether it had begun is chance.
 *
 * @param tasks the lines of each task by its place in the tree: {@code 0.2} is the second child of
 *     the first program
 */
public record Trace(Map<String, List<String>> tasks) {
  private static final String CUT_OFF = " <unfinished ...>";
  private static final Pattern RESUMED = Pattern.compile("<\\.\\.\\. (\\w+) resumed>(.*)");
  private static final Pattern FORKED =
      Pattern.compile("(?:fork|vfork|clone|clone3)\\(.*\\) += (\\d+)");

  /**
   * Makes a trace comparable.
   *
   * @param lines each beginning with the id of a task
   */
  public static Trace of(List<String> lines) {
    return of(lines, lines.isEmpty() ? 0 : tid(lines.get(0)));
  }

  /**
   * The same for a trace in which no task is older than {@code oldest}; ids wrap around.
   *
   * @param lines each beginning with the id of a task
   * @param oldest the id of the first task
   */
  public static Trace of(List<String> lines, int oldest) {
    Map<Integer, List<String>> byTid = wholeLines(lines, oldest);
    Map<Integer, String> places = places(byTid);
    NormalForm form = new NormalForm(places);
    Map<String, List<String>> tasks = new LinkedHashMap<>();
    places.forEach(
        (tid, place) ->
            tasks.put(
                place, Objects.requireNonNull(byTid.get(tid)).stream().map(form::of).toList()));
    return new Trace(tasks);
  }

  private static int tid(String line) {
    return Integer.parseInt(line.substring(0, line.indexOf(' ')));
  }

  private static Map<Integer, List<String>> wholeLines(List<String> lines, int oldest) {
    Map<Integer, List<String>> tasks =
        new TreeMap<>(
            Comparator.comparing((Integer tid) -> tid < oldest).thenComparing(tid -> tid));
    Map<Integer, String> begun = new HashMap<>();
    for (String line : lines) {
      int tid = tid(line);
      String text = line.substring(line.indexOf(' ')).stripLeading();
      if (text.endsWith(CUT_OFF)) {
        begun.put(tid, text.substring(0, text.length() - CUT_OFF.length()));
        continue;
      }
      Matcher resumed = RESUMED.matcher(text);
      if (resumed.matches()) {
        text = removeBegun(begun, tid, resumed.group(1)) + resumed.group(2);
      }
      tasks.computeIfAbsent(tid, unused -> new ArrayList<>()).add(text);
    }
    return tasks;
  }

  /** An execve by a thread ends under the id of its leader. */
  private static String removeBegun(Map<Integer, String> begun, int tid, String call) {
    String prefix = call + "(";
    String own = begun.get(tid);
    if (own != null && own.startsWith(prefix)) {
      begun.remove(tid);
      return own;
    }
    for (Map.Entry<Integer, String> entry : begun.entrySet()) {
      if (entry.getValue().startsWith(prefix)) {
        begun.remove(entry.getKey());
        return entry.getValue();
      }
    }
    throw new IllegalArgumentException("Nothing was begun that this resumes: " + call);
  }

  /** Where each task is in the tree; those that nobody has made are the roots. */
  private static Map<Integer, String> places(Map<Integer, List<String>> tasks) {
    Map<Integer, List<Integer>> children = new HashMap<>();
    List<Integer> roots = new ArrayList<>(tasks.keySet());
    tasks.forEach(
        (tid, lines) -> {
          List<Integer> own = new ArrayList<>();
          for (String line : lines) {
            Matcher forked = FORKED.matcher(line);
            if (forked.matches()) {
              Integer child = Integer.valueOf(forked.group(1));
              // In a pid namespace the number is another task's, or nobody's.
              if (tasks.containsKey(child) && roots.remove(child)) {
                own.add(child);
              }
            }
          }
          children.put(tid, own);
        });
    Map<Integer, String> places = new LinkedHashMap<>();
    number("", roots, children, places);
    return places;
  }

  private static void number(
      String parent,
      List<Integer> tids,
      Map<Integer, List<Integer>> children,
      Map<Integer, String> places) {
    for (int index = 0; index < tids.size(); index++) {
      int tid = tids.get(index);
      String place = parent + index;
      places.put(tid, place);
      number(place + ".", children.getOrDefault(tid, List.of()), children, places);
    }
  }
}
