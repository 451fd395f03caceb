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
  /** How many processes sleep in a tree of those that are spread over threads. */
  private static final int TREE = 50;

  private final Tracer tracer;
  private final boolean others;
  private final TraceeHandle parent;
  private final BufferedReader output;

  private Crowd(Tracer tracer, boolean others, Tools tools, int idle, String call, int calls)
      throws IOException {
    this.tracer = tracer;
    this.others = others;
    parent = start(tracer, tools, idle, call, calls);
    output = parent.process().inputReader();
    expect("ready", output.readLine());
  }

  /** Returns when all processes sleep, and their parent waits. */
  static Crowd ofOneTree(Tools tools, SyscallListener listener, int idle, String call, int calls)
      throws IOException {
    return new Crowd(Tracer.builder().listener(listener).build(), false, tools, idle, call, calls);
  }

  /**
   * The sleeping ones are in trees of their own, and the tracer has as many threads as it likes.
   */
  static Crowd ofManyTrees(Tools tools, SyscallListener listener, int idle, String call, int calls)
      throws IOException {
    Tracer tracer = Tracer.builder().tracerThreadsAsNeeded().listener(listener).build();
    for (int i = 0; i < idle / TREE; i++) {
      expect("ready", start(tracer, tools, TREE, call, 1).process().inputReader().readLine());
    }
    return new Crowd(tracer, true, tools, 0, call, calls);
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

  /** Waits until all have ended; ends other trees. */
  @Override
  public void close() {
    try (tracer;
        output) {
      if (others) {
        parent.waitFor();
      } else {
        tracer.awaitTracees();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
