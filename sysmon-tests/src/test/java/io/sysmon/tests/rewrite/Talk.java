package io.sysmon.tests.rewrite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Listener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Hang;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A traced guest that is talked to by lines on its standard streams. Nothing waits forever. */
final class Talk implements AutoCloseable {
  private static final Duration LIMIT = Effort.limit(Duration.ofSeconds(20));

  private final Tracer tracer;
  private final TraceeHandle tracee;
  private final BufferedReader output;
  private final OutputStream input;

  private Talk(Tracer tracer, TraceeHandle tracee) {
    this.tracer = tracer;
    this.tracee = tracee;
    output = tracee.process().inputReader();
    input = tracee.process().getOutputStream();
  }

  static Talk with(ProcessBuilder command, Listener... listeners) throws IOException {
    Tracer.Builder builder = Tracer.builder();
    for (Listener listener : listeners) {
      builder.listener(listener);
    }
    Tracer tracer = builder.build();
    try {
      return new Talk(
          tracer, tracer.launch(command.redirectError(ProcessBuilder.Redirect.INHERIT)));
    } catch (IOException | RuntimeException e) {
      tracer.close();
      throw e;
    }
  }

  Tracer tracer() {
    return tracer;
  }

  TraceeHandle tracee() {
    return tracee;
  }

  /** Its next line. */
  String line() {
    return get("a line", output::readLine);
  }

  /** The number of its next line, {@code name=number}. */
  long value(String name) {
    String line = String.valueOf(line());
    assertTrue(line.startsWith(name + "="), line);
    return Long.parseLong(line.substring(name.length() + 1));
  }

  void say(String line) throws IOException {
    input.write((line + "\n").getBytes(UTF_8));
    input.flush();
  }

  /** Everything it still writes. */
  String rest() {
    return get(
        "the rest",
        () -> {
          StringBuilder text = new StringBuilder();
          for (int c = output.read(); c >= 0; c = output.read()) {
            text.append((char) c);
          }
          return text.toString();
        });
  }

  /** Ends its input, and gives everything it still writes. */
  String end() throws IOException {
    input.close();
    return rest();
  }

  int exitValue() throws InterruptedException {
    if (!tracee.waitFor(LIMIT)) {
      throw Hang.of(tracee.toString(), LIMIT, tracee.pid());
    }
    return tracee.exitStatus().exitValue();
  }

  private String get(String what, java.util.concurrent.Callable<String> reading) {
    try {
      return Background.call(reading).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw Hang.of(what + " of " + tracee, LIMIT, tracee.pid());
    } catch (ExecutionException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    tracer.close();
  }
}
