package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.examples.parity.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One running program under {@code strace -f -p} and then under {@code sysmon strace -f -p}. */
class AttachParityTest {
  private static final String STOPPED = "--- stopped by SIGSTOP ---";

  @TempDir private Path directory;

  @BeforeEach
  void straceIsInstalled() {
    assumeTrue(Sysmon.isInstalled("strace"));
  }

  /** What the program is made to do while it is traced. */
  private interface Conversation {
    void with(Target target) throws IOException, InterruptedException;
  }

  /** Messages and lines, in the words of strace. */
  private record Account(List<String> messages, List<List<String>> lines) {}

  /**
   * Waits until the trace has something: when a program has gone on, its tracer need not have said
   * so yet, and one that is ended then never does.
   */
  private void awaitTold(String pattern) throws IOException, InterruptedException {
    Attached.await(trace(), pattern);
  }

  private Path trace() {
    return directory.resolve("trace");
  }

  private Account trace(List<String> tracer, Target target, Conversation talk, String... options)
      throws IOException, InterruptedException {
    Files.deleteIfExists(trace());
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("-f", "-o", trace().toString(), "-p", target.toString()));
    try (Attached attached = Attached.start(directory, tracer, arguments.toArray(String[]::new))) {
      attached.await(" attached.*\n");
      talk.with(target);
      Sysmon.Result result = attached.end("INT");
      assertEquals(130, result.status());
      List<String> messages =
          result.errLines().stream()
              .map(line -> line.replace("sysmon:", "strace:").replaceAll("\\d+", "PID"))
              .toList();
      List<List<String>> lines = new ArrayList<>();
      for (List<String> task :
          Trace.of(Files.readAllLines(trace()), target.pid()).tasks().values()) {
        List<String> comparable = comparable(task);
        if (!comparable.isEmpty()) {
          lines.add(comparable);
        }
      }
      return new Account(messages, lines);
    }
  }

  /**
   * Without what depends on time: the call that the task was in, whose line was open last, when a
   * child's end was noticed.
   */
  private static List<String> comparable(List<String> lines) {
    return lines.stream()
        .skip(lines.get(0).startsWith("read(") ? 1 : 0)
        .filter(line -> !line.endsWith(" <detached ...>") && !line.startsWith("--- SIGCHLD "))
        .map(line -> line.replaceAll("si_pid=\\d+", "si_pid=PID"))
        .toList();
  }

  private void assertSame(Target target, Conversation talk, String... options)
      throws IOException, InterruptedException {
    Account expected = trace(List.of("strace"), target, talk, options);
    Account actual = trace(Sysmon.words("strace"), target, talk, options);
    // strace may complain of itself: it took the exit of a call it has attached in for an entry.
    assertEquals(
        expected.messages().stream()
            .filter(message -> !message.contains("ptrace_syscall_info.op"))
            .sorted()
            .toList(),
        actual.messages().stream().sorted().toList());
    assertEquals(expected.lines(), actual.lines());
    assertFalse(expected.lines().isEmpty());
  }

  private void says(Target target) throws IOException, InterruptedException {
    target.asks("first", "first");
    target.asks("second", "second");
    awaitTold("second.* = 7\n");
  }

  @Test
  void aProgramThatWaitsAndWorks() throws Exception {
    try (Target cat = Target.reading("cat")) {
      assertSame(cat, this::says);
    }
  }

  @Test
  void aStoppedProgram() throws Exception {
    try (Target cat = Target.reading("cat")) {
      cat.signal("STOP");
      cat.awaitStatus("State", "T (stopped)"::equals);
      assertSame(cat, target -> awaitTold(STOPPED));
      assertSame(
          cat,
          target -> {
            awaitTold(STOPPED);
            target.signal("CONT");
            says(target);
            target.awaitRead();
            target.signal("STOP");
            awaitTold(STOPPED + "(?s:.*)" + STOPPED);
          });
    }
  }

  @Test
  void aProgramThatHasSeveralThreads() throws Exception {
    String program =
        """
            import os, threading
            ends = [os.pipe() for i in range(3)]
            def echo(end):
              while True: os.write(1, os.read(end, 100))
            for end in ends: threading.Thread(target=echo, args=(end[0],), daemon=True).start()
            while True:
              line = os.read(0, 100)
              os.write(ends[int(line[:1])][1], line[1:])
            """;
    try (Target python = Target.reading("python3", "-S", "-c", program)) {
      assertSame(
          python,
          target -> {
            target.asks("1one", "one");
            target.asks("0zero", "zero");
            awaitTold("(?:write.* = [45]\n(?s:.*)){4}");
          },
          "-e",
          "trace=read,write");
    }
  }

  @Test
  void aProgramThatMakesOthers() throws Exception {
    String shell = "while read x; do (exit 4); /bin/true; echo $x; done";
    try (Target sh = Target.reading("sh", "-c", shell)) {
      assertSame(
          sh,
          target -> {
            says(target);
            target.asks("", "");
            awaitTold("write.* 1\\) += 1\n");
          },
          "-e",
          "trace=execve,exit_group,write");
    }
  }
}
