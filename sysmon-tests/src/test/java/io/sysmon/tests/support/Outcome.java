package io.sysmon.tests.support;

import io.sysmon.Listener;
import io.sysmon.SeccompMode;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a program did, as far as its caller can tell. Programs get an empty standard input unless
 * their builder says otherwise, and have {@link #LIMIT} to end; one that hangs is killed and is a
 * failure that shows where it and this JVM were.
 *
 * <p>A program whose descendants outlive it should not leave them its output: what they write after
 * its end may be lost, traced or not, as with any {@link ProcessBuilder}.
 *
 * @param stdout what it wrote, as UTF-8; empty when redirected
 * @param stderr what it wrote, as UTF-8; empty when redirected
 * @param exitValue the code, or 128 plus the signal that ended it
 */
public record Outcome(String stdout, String stderr, int exitValue) {
  /** How long a program may take. */
  public static final Duration LIMIT = Effort.limit(Duration.ofSeconds(30));

  /** Runs a program as the JDK does. */
  public static Outcome bare(ProcessBuilder command) {
    return bare(LIMIT, command);
  }

  /** As {@link #bare(ProcessBuilder)}, with another limit. */
  public static Outcome bare(Duration limit, ProcessBuilder command) {
    try {
      return of(limit, command.start(), String.join(" ", command.command()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs a program in a tracer of its own, and waits for it and for all that came of it.
   *
   * @throws io.sysmon.ListenerFailedException when a listener threw
   */
  public static Outcome traced(ProcessBuilder command, Listener... listeners) {
    return traced(LIMIT, command, listeners);
  }

  /** As {@link #traced(ProcessBuilder, Listener...)}, with another limit. */
  public static Outcome traced(Duration limit, ProcessBuilder command, Listener... listeners) {
    return traced(limit, Tracer.builder(), command, listeners);
  }

  /** As {@link #traced(ProcessBuilder, Listener...)}, with or without a seccomp filter. */
  public static Outcome traced(SeccompMode mode, ProcessBuilder command, Listener... listeners) {
    return traced(LIMIT, Tracer.builder().seccomp(mode), command, listeners);
  }

  private static Outcome traced(
      Duration limit, Tracer.Builder builder, ProcessBuilder command, Listener... listeners) {
    for (Listener listener : listeners) {
      builder.listener(listener);
    }
    try (Tracer tracer = builder.build()) {
      Outcome outcome = of(limit, tracer.launch(command));
      if (!tracer.awaitTracees(limit)) {
        TraceeHandle left = tracer.tracees().get(0);
        throw Hang.of("What came of " + command.command() + ", " + left + ",", limit, left.pid());
      }
      return outcome;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Runs a program in a tracer that exists, and waits for its end. */
  public static Outcome traced(Tracer tracer, ProcessBuilder command) {
    try {
      return of(tracer.launch(command));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The outcome of a launched tracee, when it has ended.
   *
   * @throws io.sysmon.ListenerFailedException when a listener threw
   */
  public static Outcome of(TraceeHandle tracee) {
    return of(LIMIT, tracee);
  }

  private static Outcome of(Duration limit, TraceeHandle tracee) {
    Outcome outcome = of(limit, tracee.process(), tracee.toString());
    try {
      // Process.waitFor tells of listener failures too, but let it be the handle that does.
      int exitValue = tracee.waitFor();
      if (exitValue != outcome.exitValue) {
        throw new AssertionError(
            "The handle tells " + exitValue + " and the process " + outcome.exitValue);
      }
      return outcome;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The outcome of a process, traced or not, when it has ended. Its standard input is closed. */
  public static Outcome of(Process process, String what) {
    return of(LIMIT, process, what);
  }

  private static Outcome of(Duration limit, Process process, String what) {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // It has ended already, with something unread: its own business.
      process.pid();
    }
    CompletableFuture<String> stdout = drain(process.getInputStream(), "stdout of " + what);
    CompletableFuture<String> stderr = drain(process.getErrorStream(), "stderr of " + what);
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw Hang.of(what, limit, (int) process.pid());
      }
      return new Outcome(
          get(stdout, process, what), get(stderr, process, what), process.exitValue());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static String get(CompletableFuture<String> text, Process process, String what)
      throws InterruptedException {
    try {
      return text.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw Hang.of("The output of " + what, LIMIT, (int) process.pid());
    } catch (ExecutionException e) {
      throw new AssertionError("Reading the output of " + what, e.getCause());
    }
  }

  private static CompletableFuture<String> drain(InputStream stream, String what) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                stream.transferTo(all);
                text.complete(all.toString(StandardCharsets.UTF_8));
              } catch (IOException | RuntimeException e) {
                text.completeExceptionally(e);
              }
            },
            what);
    reader.setDaemon(true);
    reader.start();
    return text;
  }
}
