package io.sysmon.tests.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.tests.support.Outcome;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A service on the loopback interface that is no child of this JVM, and a client that loads it.
 *
 * <p>A load is run again and again: each run makes requests, checks their answers, and ends.
 */
abstract class Service implements AutoCloseable {
  private static final long LIMIT_SECONDS = 60;

  /** How long a client may have for a run, on a machine that does much else. */
  private static final long RUN_SECONDS = 240;

  private final int root;

  /**
   * A service that runs.
   *
   * @param root its first process
   */
  Service(int root) {
    this.root = root;
  }

  /** Makes a run of requests; throws when one of them fails. */
  abstract long load() throws IOException, InterruptedException;

  /** Throws when the service has noticed anything, or has lost or miscounted a request. */
  abstract void verify(long requests) throws IOException, InterruptedException;

  /** Asks it to end. */
  abstract void stop() throws IOException, InterruptedException;

  /** Something that it does beside the requests, such as to fork. */
  void exercise() throws IOException, InterruptedException {}

  int root() {
    return root;
  }

  /** Its processes, as they are now. */
  List<Integer> processes() {
    return ProcessHandle.of(root).stream()
        .flatMap(first -> Stream.concat(Stream.of(first), first.descendants()))
        .map(process -> (int) process.pid())
        .toList();
  }

  /** What it is like when nobody makes requests. */
  ServiceState state() throws IOException {
    return ServiceState.of(processes());
  }

  @Override
  public void close() throws IOException, InterruptedException {
    List<Integer> last = processes();
    try {
      stop();
      await(() -> !ProcessHandle.of(root).map(ProcessHandle::isAlive).orElse(false), "its end");
    } finally {
      for (int pid : last) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
  }

  /** A condition that may become true. */
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  static void await(Condition condition, String what) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("Waited in vain for " + what);
      }
      Thread.sleep(10);
    }
  }

  /** Skips the test when a program is not installed. */
  static void assumeInstalled(String... programs) {
    for (String program : programs) {
      assumeTrue(
          Arrays.stream((System.getenv("PATH") + ":/usr/sbin").split(File.pathSeparator, -1))
              .anyMatch(directory -> Files.isExecutable(Path.of(directory, program))),
          "There is no " + program);
    }
  }

  /** A port that nobody listens to, for now. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a program that must succeed, and returns what it wrote to both its streams. */
  static String run(String... words) throws IOException, InterruptedException {
    Path output = Files.createTempFile("sysmon-services", ".out");
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .redirectInput(new File("/dev/null"))
              .start();
      boolean ended = process.waitFor(RUN_SECONDS, TimeUnit.SECONDS);
      String text = Files.readString(output);
      if (!ended) {
        process.destroyForcibly();
        throw new AssertionError(String.join(" ", words) + " hangs:\n" + text);
      }
      assertEquals(0, process.exitValue(), () -> String.join(" ", words) + ":\n" + text);
      return text;
    } finally {
      Files.delete(output);
    }
  }

  /** Starts a program that is no child of this JVM, and returns its id. */
  static int startDetached(Path output, List<String> words) {
    List<String> shell = new ArrayList<>();
    shell.addAll(List.of("sh", "-c", "out=$1; shift; \"$@\" </dev/null >$out 2>&1 & echo $!"));
    shell.addAll(List.of("sh", output.toString()));
    shell.addAll(words);
    Outcome outcome = Outcome.bare(new ProcessBuilder(shell));
    assertEquals(0, outcome.exitValue(), outcome.stderr());
    return Integer.parseInt(outcome.stdout().trim());
  }

  /** Reads a file with a number, when it is there. */
  static int awaitPid(Path file) throws IOException, InterruptedException {
    await(() -> Files.exists(file) && Files.readString(file).contains("\n"), file.toString());
    return Integer.parseInt(Files.readString(file).lines().findFirst().orElseThrow().trim());
  }
}
