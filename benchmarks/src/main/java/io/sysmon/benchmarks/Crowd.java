package io.sysmon.benchmarks;

import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * {@code crowd.c} under a tracer of this JVM: processes that sleep, and their parent, which makes
 * system calls when it is told to.
 */
final class Crowd implements AutoCloseable {
  /** How many tasks a thread of the tracer is to have at most. */
  private static final int FULL = 64;

  private static final Pattern TASKS = Pattern.compile("; (\\d+) tasks");
  private static final long POLL_NANOS = 50_000_000;
  private static final Duration TIME_TO_SPREAD = Duration.ofSeconds(60);

  private final Tracer tracer;
  private final TraceeHandle parent;
  private final BufferedReader output;

  private Crowd(Tracer tracer, Tools tools, int idle, String call, int calls) throws IOException {
    this.tracer = tracer;
    parent = start(tracer, tools, idle, call, calls);
    output = parent.process().inputReader();
    expect("ready", output.readLine());
  }

  /** Returns when all processes sleep, and their parent waits. */
  static Crowd ofOneTree(Tools tools, SyscallListener listener, int idle, String call, int calls)
      throws IOException {
    return new Crowd(Tracer.builder().listener(listener).build(), tools, idle, call, calls);
  }

  /** The same with a tracer that has as many threads as it likes, when it has spread them. */
  static Crowd spread(Tools tools, SyscallListener listener, int idle, String call, int calls)
      throws IOException {
    Tracer tracer = Tracer.builder().tracerThreadsAsNeeded().listener(listener).build();
    Crowd crowd = new Crowd(tracer, tools, idle, call, calls);
    long deadline = System.nanoTime() + TIME_TO_SPREAD.toNanos();
    while (isFull(tracer.diagnose())) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("The tracer's threads are still full:\n" + tracer.diagnose());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return crowd;
  }

  private static boolean isFull(String diagnosis) {
    return TASKS
        .matcher(diagnosis)
        .results()
        .anyMatch(found -> Integer.parseInt(found.group(1)) > FULL);
  }

  private static TraceeHandle start(Tracer tracer, Tools tools, int idle, String call, int calls)
      throws IOException {
    return tracer.launch(
        new ProcessBuilder(
            tools.guest("crowd"), Integer.toString(idle), call, Integer.toString(calls)));
  }

  private static void expect(String expected, String line) throws IOException {
    if (!expected.equals(line)) {
      throw new IOException("crowd printed '" + line + "'");
    }
  }

  /**
   * Makes the calls.
   *
   * @return nanoseconds a call
   */
  double nanosACall() throws IOException {
    OutputStream input = parent.process().getOutputStream();
    input.write('\n');
    input.flush();
    return Double.parseDouble(output.readLine());
  }

  /** Waits until all have ended. */
  @Override
  public void close() {
    try (tracer;
        output) {
      tracer.awaitTracees();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
