package io.sysmon.examples;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads traces of strace and sysmon and makes them comparable. */
final class TraceText {
  private static final String CUT_OFF = " <unfinished ...>";
  private static final Pattern RESUMED = Pattern.compile("<\\.\\.\\. \\w+ resumed>(.*)");
  private static final Pattern ENDED_CALL = Pattern.compile("(?s)(\\w+)\\(.*\\) += (.*)");
  private static final Pattern PADDING = Pattern.compile(" += (?=[^=]*$)");
  private static final Pattern ADDRESS = Pattern.compile("0x[0-9a-f]{6,16}");
  private static final Pattern TEMPORARY = Pattern.compile("/cc[A-Za-z0-9]{6}\\b");
  private static final Pattern RANDOM = Pattern.compile("(getrandom\\()(\".*\"|NULL)(\\.\\.\\.)?,");
  private static final Pattern TIMES = Pattern.compile("si_[us]time=\\d+( /\\* .*? \\*/)?");
  private static final Pattern CLOCK = Pattern.compile("(tv_sec|tv_nsec|st_[amc]time\\w*)=\\d+");

  private TraceText() {}

  /** A system call that has ended. */
  record Call(String name, String result) {}

  /**
   * The lines of each task of a {@code -f -o} trace, tasks in the order of their ids, with calls
   * that were cut off put together again.
   */
  static List<List<String>> byTask(List<String> lines) {
    return byTask(lines, lines.isEmpty() ? 0 : tid(lines.get(0)));
  }

  private static int tid(String line) {
    return Integer.parseInt(line.substring(0, line.indexOf(' ')));
  }

  /** The same of a trace in which no task is older than {@code oldest}; ids wrap around. */
  static List<List<String>> byTask(List<String> lines, int oldest) {
    Map<Integer, List<String>> tasks =
        new TreeMap<>(
            Comparator.comparing((Integer tid) -> tid < oldest).thenComparing(tid -> tid));
    Map<Integer, String> begun = new TreeMap<>();
    for (String line : lines) {
      int tid = tid(line);
      String text = line.substring(line.indexOf(' ')).stripLeading();
      if (text.endsWith(CUT_OFF)) {
        begun.put(tid, text.substring(0, text.length() - CUT_OFF.length()));
        continue;
      }
      Matcher resumed = RESUMED.matcher(text);
      if (resumed.matches()) {
        text = removeBegun(begun, tid, text) + resumed.group(1);
      }
      tasks.computeIfAbsent(tid, unused -> new ArrayList<>()).add(text);
    }
    UnaryOperator<String> pids = pids(tasks.keySet());
    List<List<String>> result = new ArrayList<>();
    for (List<String> task : tasks.values()) {
      result.add(task.stream().map(TraceText::normal).map(pids).toList());
    }
    return result;
  }

  /** An execve by a thread ends under the id of its leader. */
  private static String removeBegun(Map<Integer, String> begun, int tid, String resumed) {
    String name = resumed.substring("<... ".length(), resumed.indexOf(" resumed>"));
    String own = begun.get(tid);
    if (own != null && own.startsWith(name + "(")) {
      begun.remove(tid);
      return own;
    }
    for (Map.Entry<Integer, String> entry : begun.entrySet()) {
      if (entry.getValue().startsWith(name + "(")) {
        begun.remove(entry.getKey());
        return entry.getValue();
      }
    }
    throw new AssertionError("Nothing was begun that this resumes: " + resumed);
  }

  private static UnaryOperator<String> pids(Iterable<Integer> tids) {
    Map<String, String> names = new TreeMap<>();
    for (int tid : tids) {
      names.put(Integer.toString(tid), "PID" + names.size());
    }
    Pattern pattern = Pattern.compile("\\b(" + String.join("|", names.keySet()) + ")\\b");
    return line -> pattern.matcher(line).replaceAll(match -> names.get(match.group()));
  }

  /** A line without what differs from run to run. */
  static String normal(String line) {
    String text = PADDING.matcher(line).replaceAll(" = ");
    text = ADDRESS.matcher(text).replaceAll("0xADDRESS");
    text = TEMPORARY.matcher(text).replaceAll("/ccTEMPORARY");
    text = RANDOM.matcher(text).replaceAll("$1RANDOM,");
    text = CLOCK.matcher(text).replaceAll("$1=TIME");
    return TIMES.matcher(text).replaceAll("TIME");
  }

  /**
   * The calls among a task's lines, but getrandom: the C library draws until it likes the number.
   */
  static List<Call> calls(List<String> lines) {
    List<Call> calls = new ArrayList<>();
    for (String line : lines) {
      Matcher call = ENDED_CALL.matcher(line);
      if (call.matches() && !call.group(1).equals("getrandom")) {
        calls.add(new Call(call.group(1), call.group(2)));
      }
    }
    return calls;
  }

  /** What two traces have in common. */
  record Common(int same, int all, List<String> differences) {}

  /** Compares by the longest common subsequence. */
  static Common compare(List<String> expected, List<String> actual) {
    int[][] length = new int[expected.size() + 1][actual.size() + 1];
    for (int i = expected.size() - 1; i >= 0; i--) {
      for (int j = actual.size() - 1; j >= 0; j--) {
        length[i][j] =
            expected.get(i).equals(actual.get(j))
                ? length[i + 1][j + 1] + 1
                : Math.max(length[i + 1][j], length[i][j + 1]);
      }
    }
    List<String> differences = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < expected.size() || j < actual.size()) {
      if (i < expected.size() && j < actual.size() && expected.get(i).equals(actual.get(j))) {
        i++;
        j++;
      } else if (j == actual.size()
          || (i < expected.size() && length[i + 1][j] >= length[i][j + 1])) {
        differences.add("- " + expected.get(i++));
      } else {
        differences.add("+ " + actual.get(j++));
      }
    }
    return new Common(length[0][0], Math.max(expected.size(), actual.size()), differences);
  }
}
