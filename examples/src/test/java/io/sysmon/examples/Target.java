package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A running program that tracers attach to, and a conversation with it. */
final class Target implements AutoCloseable {
  private final Process process;
  private final BufferedWriter in;
  private final BufferedReader out;

  private Target(Process process) {
    this.process = process;
    in = process.outputWriter();
    out = process.inputReader();
  }

  /** Starts a program and waits until it sleeps in a read of its standard input. */
  static Target reading(String... words) throws IOException, InterruptedException {
    Target target = new Target(Sysmon.start(Path.of("/"), List.of(words)));
    target.awaitRead();
    return target;
  }

  /** Starts a program and waits for the first line that it writes. */
  static Target telling(String... words) throws IOException {
    Target target = new Target(Sysmon.start(Path.of("/"), List.of(words)));
    assertEquals("ready", target.out.readLine());
    return target;
  }

  /** Waits until it is in a read of its standard input. */
  void awaitRead() throws IOException, InterruptedException {
    Deadline deadline = new Deadline("a read of " + process.info().commandLine().orElse("?"));
    // Number 0, descriptor 0; a running task has no number there.
    while (!Files.readString(Path.of("/proc/" + pid() + "/syscall")).startsWith("0 0x0 ")) {
      deadline.pause();
    }
  }

  /** Waits until a line of its /proc/PID/status is as expected. */
  void awaitStatus(String field, Predicate<String> expected)
      throws IOException, InterruptedException {
    Deadline deadline = new Deadline(field);
    while (!expected.test(status(pid(), field))) {
      deadline.pause();
    }
  }

  int pid() {
    return (int) process.pid();
  }

  @Override
  public String toString() {
    return Integer.toString(pid());
  }

  /** Its tasks but the first one. */
  List<Integer> threads() throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid() + "/task"))) {
      return tasks
          .map(task -> Integer.valueOf(task.getFileName().toString()))
          .filter(tid -> tid != pid())
          .sorted()
          .toList();
    }
  }

  /** Gives it a line. */
  void tell(String line) throws IOException {
    in.append(line).append('\n').flush();
  }

  /** Gives it a line, and reads one. */
  String answer(String line) throws IOException {
    tell(line);
    return out.readLine();
  }

  /** Gives it a line, and expects one. */
  void asks(String line, String answer) throws IOException {
    assertEquals(answer, answer(line));
  }

  void signal(String name) {
    Sysmon.runOther(Path.of("/"), "kill", "-" + name, toString());
  }

  /** A line of its /proc/PID/status, or of a child's of it. */
  static String status(int pid, String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(field + ":")) {
        return line.substring(field.length() + 1).trim();
      }
    }
    throw new AssertionError("/proc/" + pid + "/status has no " + field);
  }

  static boolean isTraced(int pid) throws IOException {
    return !status(pid, "TracerPid").equals("0");
  }

  /** Checks that nobody traces it, and that it does what it did as soon as it gets to run. */
  void assertUntouched(String state) throws IOException, InterruptedException {
    assertEquals("0", status(pid(), "TracerPid"));
    awaitStatus("State", state::equals);
  }

  /** Closes its standard input and waits for its end. */
  int end() throws IOException, InterruptedException {
    in.close();
    assertTrue(process.waitFor(Deadline.LIMIT_SECONDS, TimeUnit.SECONDS), "It does not end");
    return process.exitValue();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
