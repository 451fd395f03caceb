package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Errno;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The calls and results of each task are those that strace(1) sees. Tasks are named by their place
 * in the tree: {@code 0.2} is the second child of the first program.
 */
class LikeStraceTest {
  private static final Set<String> ADDRESSES = Set.of("mmap", "brk", "mremap", "shmat");
  private static final Set<String> FORKS = Set.of("fork", "vfork", "clone", "clone3");
  private static final Set<String> TASKS =
      Set.of(
          "fork",
          "vfork",
          "clone",
          "clone3",
          "getpid",
          "gettid",
          "getppid",
          "getpgrp",
          "setsid",
          "set_tid_address",
          "wait4");
  private static final Pattern LINE = Pattern.compile("(\\d+) +(.*)");
  private static final Pattern RESUMED = Pattern.compile("<\\.\\.\\. (\\w+) resumed>(.*)");
  private static final Pattern CALL = Pattern.compile("(\\w+)\\((.*)");
  private static final Pattern RESULT =
      Pattern.compile(".*\\) += (\\?|-?\\d+|0x[0-9a-f]+)(?: (E[A-Z0-9]+))?.*");
  private static final String UNFINISHED = " <unfinished ...>";

  @TempDir private Path base;

  @BeforeEach
  void straceIsThere() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "There is no strace");
  }

  /** A call as either tracer saw it: the result is null when it did not return. */
  private record Call(int tid, String name, String result) {}

  private static Map<String, List<String>> byTask(List<Call> calls) {
    Map<Integer, String> places = new HashMap<>();
    Map<Integer, Integer> children = new HashMap<>();
    if (!calls.isEmpty()) {
      places.put(calls.get(0).tid, "0");
    }
    for (boolean found = true; found; ) {
      found = false;
      for (Call call : calls) {
        String place = places.get(call.tid);
        if (place != null && FORKS.contains(call.name) && isNumber(call.result)) {
          int child = Integer.parseInt(call.result);
          if (child > 0 && !places.containsKey(child)) {
            places.put(child, place + "." + children.merge(call.tid, 1, Integer::sum));
            found = true;
          }
        }
      }
    }
    Map<String, List<String>> byTask = new TreeMap<>();
    for (Call call : calls) {
      String place = places.get(call.tid);
      assertNotNull(place, () -> "Nobody made " + call.tid + " that called " + call);
      byTask
          .computeIfAbsent(place, p -> new ArrayList<>())
          .add(call.name + " = " + normal(call, places));
    }
    return byTask;
  }

  private static boolean isNumber(String result) {
    return result != null && result.matches("-?\\d+");
  }

  private static String normal(Call call, Map<Integer, String> places) {
    if (call.result == null || !isNumber(call.result)) {
      return call.result;
    }
    long value = Long.parseLong(call.result);
    if (ADDRESSES.contains(call.name)) {
      return "address";
    }
    if (call.name.equals("getppid") && !places.containsKey((int) value)) {
      return "outside";
    }
    String place = TASKS.contains(call.name) ? places.get((int) value) : null;
    return place == null ? call.result : "task " + place;
  }

  private List<Call> byStrace(ProcessBuilder command) throws IOException {
    Path file = base.resolve("strace.out");
    List<String> words =
        new ArrayList<>(List.of("strace", "-f", "-q", "-o", file.toString(), "-s", "0"));
    words.addAll(command.command());
    ProcessBuilder builder = new ProcessBuilder(words).directory(command.directory());
    builder.environment().clear();
    builder.environment().putAll(command.environment());
    assertEquals("", Outcome.bare(builder).stderr());
    List<Call> calls = new ArrayList<>();
    Map<Integer, Integer> open = new HashMap<>();
    for (String line : Files.readAllLines(file, java.nio.charset.StandardCharsets.ISO_8859_1)) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new AssertionError("strace wrote: " + line);
      }
      int tid = Integer.parseInt(matcher.group(1));
      String rest = matcher.group(2);
      if (rest.startsWith("---") || rest.startsWith("+++")) {
        continue;
      }
      Matcher resumed = RESUMED.matcher(rest);
      if (resumed.matches()) {
        Integer index = open.remove(tid);
        assertNotNull(index, line);
        calls.set(index, new Call(tid, resumed.group(1), result(resumed.group(2), line)));
        continue;
      }
      Matcher call = CALL.matcher(rest);
      if (!call.matches()) {
        throw new AssertionError("strace wrote: " + line);
      }
      if (rest.endsWith(UNFINISHED)) {
        open.put(tid, calls.size());
        calls.add(new Call(tid, call.group(1), null));
      } else {
        calls.add(new Call(tid, call.group(1), result(rest, line)));
      }
    }
    return calls;
  }

  private static String result(String text, String line) {
    Matcher matcher = RESULT.matcher(text);
    if (!matcher.matches()) {
      throw new AssertionError("strace wrote: " + line);
    }
    String error = matcher.group(2);
    if (error != null) {
      return error;
    }
    String value = matcher.group(1);
    if (value.equals("?")) {
      return null;
    }
    // Addresses are hexadecimal, and a umask is octal.
    return Long.decode(value).toString();
  }

  private static List<Call> bySysMon(ProcessBuilder command) {
    Recorder recorder = new Recorder();
    assertEquals("", Outcome.traced(command, recorder).stderr());
    List<Call> calls = new ArrayList<>();
    Map<Integer, Integer> open = new LinkedHashMap<>();
    for (Recorder.Event event : recorder.events()) {
      if (event instanceof Recorder.Enter enter) {
        open.put(enter.tid(), calls.size());
        calls.add(new Call(enter.tid(), enter.call().name(), null));
      } else if (event instanceof Recorder.Exit exit) {
        Integer index = open.remove(exit.tid());
        assertNotNull(index, exit.toString());
        calls.set(index, new Call(exit.tid(), exit.call().name(), result(exit)));
      }
    }
    return calls;
  }

  private static String result(Recorder.Exit exit) {
    long value = exit.result();
    Errno errno = exit.call().exit().errno();
    if (errno != null) {
      return errno.name();
    }
    return switch ((int) value) {
      case -512 -> "ERESTARTSYS";
      case -513 -> "ERESTARTNOINTR";
      case -514 -> "ERESTARTNOHAND";
      case -516 -> "ERESTART_RESTARTBLOCK";
      default -> Long.toString(value);
    };
  }

  private Map<String, List<String>> same(ProcessBuilder command) throws IOException {
    command.environment().put("LC_ALL", "C");
    List<Call> calls = byStrace(command);
    return same(byTask(calls), byTask(bySysMon(command)));
  }

  private static Map<String, List<String>> same(
      Map<String, List<String>> expected, Map<String, List<String>> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    for (String task : expected.keySet()) {
      assertIterableEquals(expected.get(task), actual.get(task), "task " + task);
      assertFalse(expected.get(task).isEmpty());
    }
    return actual;
  }

  @Test
  void ls() throws IOException {
    assertEquals(1, same(new ProcessBuilder("ls", "-l", "/usr")).size());
  }

  /**
   * When the shell gets its SIGCHLD, and which of two children that have ended it is told of first,
   * are the scheduler's choice: so no handler's return, no call that it interrupted and that is
   * made again, and one name for both children.
   */
  @Test
  void aPipelineOfAShell() throws IOException {
    ProcessBuilder pipeline = new ProcessBuilder("sh", "-c", "echo a | cat >/dev/null");
    Map<String, List<String>> expected = byTask(byStrace(pipeline));
    Map<String, List<String>> actual = byTask(bySysMon(pipeline));
    for (Map<String, List<String>> calls : List.of(expected, actual)) {
      calls.replaceAll((task, lines) -> lines.stream().filter(l -> !isOfSignal(l)).toList());
      calls.computeIfPresent(
          "0", (task, lines) -> lines.stream().map(LikeStraceTest::anyChild).toList());
    }
    assertEquals(3, same(expected, actual).size());
  }

  private static boolean isOfSignal(String line) {
    return line.startsWith("rt_sigreturn") || line.contains(" = ERESTART");
  }

  private static String anyChild(String line) {
    return line.startsWith("wait4 = task") ? "wait4 = a child" : line;
  }

  /**
   * Without address randomisation, on which the compiler's memory management depends. glibc rejects
   * one random number in twenty for the names of temporary files, so getrandom is left out.
   */
  @Test
  void gcc() throws IOException {
    Files.writeString(base.resolve("hello.c"), "int main(void) { return 42; }\n");
    ProcessBuilder gcc = new ProcessBuilder("setarch", "-R", "gcc", "-o", "hello", "hello.c");
    gcc.environment().put("LC_ALL", "C");
    gcc.directory(base.toFile());
    List<Call> byStrace = byStrace(gcc);
    Files.delete(base.resolve("hello"));
    Map<String, List<String>> expected = byTask(byStrace);
    Map<String, List<String>> actual = byTask(bySysMon(gcc));
    for (Map<String, List<String>> calls : List.of(expected, actual)) {
      calls.replaceAll(
          (task, lines) -> lines.stream().filter(l -> !l.startsWith("getrandom")).toList());
    }
    assertEquals(Set.of("0", "0.1", "0.2", "0.3", "0.3.1"), same(expected, actual).keySet());
  }

  @Test
  void aProgramOfSeveralThreads() throws IOException {
    assertEquals(9, same(Alike.guest("lockstep")).size());
  }
}
