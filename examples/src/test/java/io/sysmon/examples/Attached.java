package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A tracer that runs beside the processes that it was told to attach to, {@code sysmon strace} or
 * strace(1), and what it writes.
 */
final class Attached implements AutoCloseable {
  private final Process process;
  private final Text out;
  private final Text err;

  private Attached(Process process) {
    this.process = process;
    out = new Text(process.getInputStream());
    err = new Text(process.getErrorStream());
  }

  /** Starts {@code sysmon strace}. */
  static Attached sysmon(Path directory, String... arguments) {
    return start(directory, Sysmon.words("strace"), arguments);
  }

  /** Starts a tracer, whose signals are at their defaults whatever those of the tests are. */
  static Attached start(Path directory, List<String> tracer, String... arguments) {
    List<String> words = new ArrayList<>(List.of("env", "--default-signal=INT,HUP,TERM,PIPE"));
    words.addAll(tracer);
    words.addAll(List.of(arguments));
    return new Attached(Sysmon.start(directory, words));
  }

  /** Waits until it has written text that a pattern finds, to standard error. */
  Attached await(String pattern) {
    err.await(pattern);
    return this;
  }

  /** Waits until a file of its has text that a pattern finds. */
  static String await(Path file, String pattern) throws IOException, InterruptedException {
    Pattern compiled = Pattern.compile(pattern);
    Deadline deadline = new Deadline(pattern + " in " + file);
    String text = "";
    while (!compiled.matcher(text).find()) {
      deadline.pause();
      text = Files.exists(file) ? Files.readString(file) : "";
    }
    return text;
  }

  /** Sends a signal and waits for the end. */
  Sysmon.Result end(String signal) {
    Sysmon.runOther(Path.of("/"), "kill", "-" + signal, Long.toString(process.pid()));
    return end();
  }

  /** Waits for the end. */
  Sysmon.Result end() {
    try {
      assertTrue(
          process.waitFor(Deadline.LIMIT_SECONDS, TimeUnit.SECONDS), () -> "It hangs: " + err);
      return new Sysmon.Result(process.exitValue(), out.all(), err.all());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends it if a test has failed before it did. */
  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** What comes out of a pipe. */
  private static final class Text {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Thread reader;

    Text(InputStream stream) {
      reader = new Thread(() -> read(stream));
      reader.setDaemon(true);
      reader.start();
    }

    private void read(InputStream stream) {
      byte[] buffer = new byte[1 << 13];
      try {
        for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
          add(buffer, count);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private synchronized void add(byte[] buffer, int count) {
      bytes.write(buffer, 0, count);
      notifyAll();
    }

    synchronized void await(String pattern) {
      Pattern compiled = Pattern.compile(pattern);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Deadline.LIMIT_SECONDS);
      try {
        while (!compiled.matcher(toString()).find()) {
          long left = deadline - System.nanoTime();
          assertTrue(left > 0, () -> "No " + pattern + " in " + this);
          TimeUnit.NANOSECONDS.timedWait(this, left);
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    String all() throws InterruptedException {
      reader.join();
      return toString();
    }

    @Override
    public synchronized String toString() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }
}
