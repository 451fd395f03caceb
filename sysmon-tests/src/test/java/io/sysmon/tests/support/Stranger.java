package io.sysmon.tests.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sysmon.Signal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A running program that is no child of this JVM, as one has to be that is attached: that of a
 * small host, which tells what its parent sees of it. It is talked to by lines on its standard
 * streams, and killed when it is closed.
 */
public final class Stranger implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Process host;
  private final BufferedReader output;
  private final OutputStream input;
  private final BufferedReader reports;
  private final int pid;

  private Stranger(Process host) {
    this.host = host;
    output = host.inputReader();
    input = host.getOutputStream();
    reports = host.errorReader();
    String first = report();
    if (!first.startsWith("pid ")) {
      throw new AssertionError("The host says: " + first);
    }
    pid = Integer.parseInt(first.substring("pid ".length()));
  }

  /** Starts a guest. */
  public static Stranger guest(String name, Object... arguments) {
    return program(
        Alike.guest(name, Arrays.stream(arguments).map(Object::toString).toArray(String[]::new)));
  }

  /** Starts a program, which is given by its path. */
  public static Stranger program(ProcessBuilder command) {
    return program(command, 180);
  }

  /**
   * Starts a program, which is given by its path.
   *
   * @param seconds after which it is killed
   */
  public static Stranger program(ProcessBuilder command, int seconds) {
    List<String> hosted = new ArrayList<>();
    hosted.addAll(List.of(Guest.compile("stranger").toString(), Integer.toString(seconds)));
    hosted.addAll(command.command());
    try {
      return new Stranger(new ProcessBuilder(hosted).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The program's pid. */
  public int pid() {
    return pid;
  }

  /** The host's pid. */
  public int parent() {
    return (int) host.pid();
  }

  /** Writes a line to its standard input. */
  public void say(String line) {
    try {
      input.write((line + "\n").getBytes(UTF_8));
      input.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its next line on standard output; null at its end. */
  public String line() {
    return get("a line", output::readLine);
  }

  /** Says a line, and gives what it answers. */
  public String ask(String line) {
    say(line);
    return line();
  }

  /** What its parent, or it on its standard error, tells next. */
  public String report() {
    return get("a report", reports::readLine);
  }

  /** Sends it a signal. */
  public void signal(Signal signal) {
    Outcome sent =
        Outcome.bare(new ProcessBuilder("kill", "-" + signal.number(), String.valueOf(pid)));
    if (sent.exitValue() != 0) {
      throw new AssertionError(sent);
    }
  }

  /**
   * Ends its standard input.
   *
   * @return everything it still writes, then everything its parent still tells
   */
  public String end() {
    try {
      input.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return get("the rest", () -> rest(output) + rest(reports));
  }

  private static String rest(BufferedReader lines) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      text.append(line).append('\n');
    }
    return text.toString();
  }

  private <T> T get(String what, Callable<T> reading) {
    try {
      return Background.call(reading).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw Hang.of(what + " of " + host, LIMIT, (int) host.pid());
    } catch (ExecutionException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    host.destroyForcibly();
    try {
      host.waitFor();
      host.getInputStream().close();
      host.getErrorStream().close();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
