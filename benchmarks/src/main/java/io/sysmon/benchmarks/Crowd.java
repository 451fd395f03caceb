package io.sysmon.benchmarks;

import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * {@code crowd.c} under a tracer of this JVM: processes that sleep, and their parent, which makes
 * system calls when it is told to.
 */
final class Crowd implements AutoCloseable {
  private final Tracer tracer;
  private final TraceeHandle parent;
  private final BufferedReader output;

  /** Returns when all processes sleep, and the parent waits. */
  Crowd(Tools tools, SyscallListener listener, int idle, String call, int calls)
      throws IOException {
    tracer = Tracer.builder().listener(listener).build();
    parent =
        tracer.launch(
            new ProcessBuilder(
                tools.guest("crowd"), Integer.toString(idle), call, Integer.toString(calls)));
    output = parent.process().inputReader();
    expect("ready", output.readLine());
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
