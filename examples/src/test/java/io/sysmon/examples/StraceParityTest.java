package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.examples.parity.Comparison;
import io.sysmon.examples.parity.Difference;
import io.sysmon.examples.parity.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same commands under strace(1) and {@code sysmon strace}. */
class StraceParityTest {
  private static final double LEAST_SHARE = 98;
  private static final Pattern ENDED_CALL = Pattern.compile("(\\w+)\\(.*\\)( += .*)");

  @TempDir private Path directory;

  @BeforeEach
  void straceIsInstalled() {
    assumeTrue(Sysmon.isInstalled("strace"));
  }

  /** A directory that is the same for each run. */
  private Path workplace() throws IOException {
    Path place = directory.resolve("place");
    Sysmon.runOther(directory, "rm", "-rf", "place");
    Files.createDirectories(place.resolve("sub"));
    Files.writeString(place.resolve("sub/file"), "some\ntext\n");
    Files.writeString(
        place.resolve("hello.c"),
        "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n");
    return place;
  }

  private List<List<String>> trace(List<String> tracer, String output, String... command)
      throws IOException {
    Path file = directory.resolve(output);
    List<String> words = new ArrayList<>(tracer);
    words.addAll(List.of("-f", "-o", file.toString()));
    words.addAll(List.of(command));
    Sysmon.Result result = Sysmon.finish(Sysmon.start(workplace(), words));
    assertEquals("", result.err());
    return List.copyOf(Trace.of(Files.readAllLines(file)).tasks().values());
  }

  private void assertSameCalls(String... command) throws IOException {
    List<List<String>> expectedLines = trace(List.of("strace"), "expected", command);
    List<List<String>> actualLines = trace(Sysmon.words("strace"), "actual", command);
    assertMostLinesAreIdentical(expectedLines, actualLines, command);
    for (int task = 0; task < Math.min(expectedLines.size(), actualLines.size()); task++) {
      List<String> expected = calls(expectedLines.get(task));
      List<String> actual = calls(actualLines.get(task));
      assertEquals(List.of(), Comparison.of(expected, actual).differences(), "task " + task);
    }
    assertEquals(expectedLines.size(), actualLines.size(), "number of tasks");
  }

  /**
   * The names and results of calls, but of getrandom: the C library draws until it likes the
   * number.
   */
  private static List<String> calls(List<String> lines) {
    return lines.stream()
        .map(ENDED_CALL::matcher)
        .filter(call -> call.matches() && !call.group(1).equals("getrandom"))
        .map(call -> call.group(1) + call.group(2))
        .toList();
  }

  @Test
  void aCompilationMakesTheSameCallsInEachTask() throws IOException {
    assumeTrue(Sysmon.isInstalled("gcc"));
    assertSameCalls("gcc", "hello.c", "-o", "hello");
  }

  @Test
  void aListingMakesTheSameCalls() throws IOException {
    assertSameCalls("ls", "sub");
  }

  @Test
  void pipelinesMakeTheSameCallsInEachTask() throws IOException {
    // What the shell itself does depends on which child ends first.
    assertSameCalls(
        "-e",
        "trace=execve,openat,mmap,dup2,close,getdents64,exit_group",
        "sh",
        "-c",
        "ls sub | wc -l; exit 3");
  }

  @Test
  void pythonThreadsMakeTheSameCallsInEachTask() throws IOException {
    assumeTrue(Sysmon.isInstalled("python3"));
    String program =
        """
            import threading, os
            for name in ('a', 'b', 'c'):
              thread = threading.Thread(target=lambda: os.close(os.open(name, 66)))
              thread.start()
              thread.join()
            """;
    assertSameCalls(
        "-e", "trace=execve,clone3,openat,close,exit,exit_group", "python3", "-S", "-c", program);
  }

  @Test
  void linesOfSignalsStopsAndEndsAreIdentical() throws IOException {
    assumeTrue(Sysmon.isInstalled("gcc"));
    Path program =
        Sysmon.compile(
            directory,
            "signals",
            """
            #include <setjmp.h>
            #include <signal.h>
            #include <stdlib.h>
            #include <sys/resource.h>
            #include <sys/wait.h>
            #include <unistd.h>
            static sigjmp_buf back;
            static void handler(int signal) { if (signal == SIGSEGV) siglongjmp(back, 1); }
            static void child(int number) {
              int child = fork();
              if (!child) {
                setpgid(0, 0);
                if (number) raise(number);
                _exit(7);
              }
              int status;
              while (waitpid(child, &status, WUNTRACED), WIFSTOPPED(status)) kill(child, SIGCONT);
            }
            int main(void) {
              setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
              signal(SIGUSR1, handler); signal(SIGSEGV, handler); signal(SIGTRAP, handler);
              signal(SIGHUP, SIG_IGN); signal(SIGALRM, handler);
              kill(getpid(), SIGUSR1); raise(SIGUSR1); raise(SIGHUP); raise(SIGURG);
              sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = -7});
              sigqueue(getpid(), SIGURG, (union sigval){.sival_ptr = (void *) 0x123456789aL});
              __asm__ volatile("int3");
              if (!sigsetjmp(back, 1)) *(volatile char *) 0x123 = 1;
              if (!sigsetjmp(back, 1)) { __asm__ volatile("hlt"); }
              sigset_t alarms, old;
              sigemptyset(&alarms); sigaddset(&alarms, SIGALRM);
              sigprocmask(SIG_BLOCK, &alarms, &old); ualarm(10000, 0); sigsuspend(&old);
              // Else two that come together would be one.
              sigaction(SIGCHLD, &(struct sigaction){.sa_flags = SA_NOCLDSTOP}, 0);
              int numbers[] = {0, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGKILL, SIGTERM, SIGABRT, 64};
              for (int i = 0; i < 9; i++) child(numbers[i]);
              abort();
            }
            """);
    List<List<String>> expected =
        trace(List.of("strace"), "expected", "-e", "trace=none", program.toString());
    assertEquals(
        expected, trace(Sysmon.words("strace"), "actual", "-e", "trace=none", program.toString()));
    String all = expected.toString();
    assertTrue(all.contains("--- stopped by SIGTTOU ---") && all.contains("killed by"), all);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cat sub/file",
        "ls -l sub",
        "echo hello",
        "wc hello.c",
        "true",
        "cp hello.c copy"
      })
  void linesOfSimpleCommandsAreIdentical(String command) throws IOException {
    String[] words = command.split(" ", -1);
    List<List<String>> expected = trace(List.of("strace"), "expected", words);
    assertMostLinesAreIdentical(expected, trace(Sysmon.words("strace"), "actual", words), words);
  }

  private static void assertMostLinesAreIdentical(
      List<List<String>> expected, List<List<String>> actual, String... command) {
    Comparison sum = new Comparison(0, 0, List.of());
    for (int task = 0; task < Math.min(expected.size(), actual.size()); task++) {
      Comparison comparison =
          Comparison.of(withoutChance(expected.get(task)), withoutChance(actual.get(task)));
      sum = sum.plus(comparison);
    }
    System.out.printf(
        "parity: %5.1f %% of %d lines of '%s'%n",
        sum.share(), sum.all(), String.join(" ", command));
    List<Difference> differences = sum.differences();
    assertTrue(sum.share() >= LEAST_SHARE, differences::toString);
  }

  /** Between which calls a parent is told of its child's end is the scheduler's choice. */
  private static List<String> withoutChance(List<String> lines) {
    return lines.stream().filter(line -> !line.startsWith("--- SIGCHLD ")).toList();
  }

  @Test
  void a32BitProgramIsSaidToBeOneWhereItBegins() throws IOException {
    Path place = workplace();
    Files.writeString(
        place.resolve("both.c"),
        """
            #include <sys/wait.h>
            #include <unistd.h>
            int main(void)
            {
                if (!fork())
                    _exit(getppid() == 0);
                wait(0);
                return execl("/bin/true", "true", (char *)0);
            }
            """);
    List<String> gcc = List.of("gcc", "-m32", "both.c", "-o", "both");
    assumeTrue(Sysmon.finish(Sysmon.start(place, gcc)).status() == 0, "gcc has no -m32");
    List<String> command = List.of("-f", "./both");
    List<String> expected = modes(List.of("strace"), place, command);
    assertEquals(expected, modes(Sysmon.words("strace"), place, command));
    assertEquals(2, expected.size(), expected::toString);
    assertEquals(List.of(), modes(Sysmon.words("strace"), place, List.of("-q", "./both")));
  }

  /** What is said of modes, each with the name of the call that follows. */
  private static List<String> modes(List<String> tracer, Path place, List<String> command) {
    List<String> words = new ArrayList<>(tracer);
    words.addAll(command);
    List<String> lines = Sysmon.finish(Sysmon.start(place, words)).errLines();
    List<String> modes = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      int mode = lines.get(i).indexOf("[ Process PID=");
      if (mode >= 0) {
        String next = lines.get(i + 1);
        modes.add(
            lines.get(i).substring(mode).replaceAll("[0-9]+ runs", "N runs")
                + next.substring(0, next.indexOf('(')).replaceAll("\\[pid +[0-9]+\\] ", " "));
      }
    }
    return modes;
  }

  @Test
  void unknownCommandsGiveTheSameStatus() {
    for (String tracer : List.of("strace", Sysmon.words().get(0) + " strace")) {
      List<String> words = new ArrayList<>(List.of(tracer.split(" ", -1)));
      words.add("no-such-program");
      Sysmon.Result result = Sysmon.finish(Sysmon.start(directory, words));
      assertEquals(1, result.status());
      assertTrue(
          result.err().endsWith(": Can't stat 'no-such-program': No such file or directory\n"),
          result.err());
    }
  }

  @Test
  void tablesHaveTheSameCallsAndCounts() throws IOException {
    List<String> expected = counts(List.of("strace"));
    List<String> actual = counts(Sysmon.words("strace"));
    assertEquals(expected, actual);
  }

  /** "calls errors name" of each line, sorted. */
  private List<String> counts(List<String> tracer) throws IOException {
    List<String> words = new ArrayList<>(tracer);
    words.addAll(List.of("-c", "cat", "sub/file"));
    Sysmon.Result result = Sysmon.finish(Sysmon.start(workplace(), words));
    Stream<String> lines = result.errLines().stream();
    return lines.map(line -> line.length() < 35 ? line : line.substring(32)).sorted().toList();
  }
}
