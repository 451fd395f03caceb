package io.sysmon.benchmarks;

import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code hot.c}: a program that makes one system call over and over and tells what one took. */
final class Loop {
  private static final int FEW = 3_000;
  private static final int MANY = 3_000_000;
  private static final double NANOS = 0.3e9;
  private static final double QUICK_NANOS = 0.12e9;

  private final Tools tools;
  private final String call;
  private final double nanos;

  /**
   * A loop.
   *
   * @param call {@code getppid}, which takes no time of its own, or {@code access} of a file that
   *     is not there
   */
  Loop(Session session, String call) {
    tools = session.tools();
    this.call = call;
    nanos = session.isQuick() ? QUICK_NANOS : NANOS;
  }

  /** Run by a program that takes a command. */
  Sample by(List<String> tracer) {
    return paced(calls -> Commands.output(Commands.words(tracer, hot(calls).toArray())));
  }

  /** Run by such a program, both on one CPU. */
  Sample onOneCpuBy(List<String> tracer) {
    return by(Commands.words(List.of(tools.guest("pin")), tracer.toArray()));
  }

  /** Traced by SysMon. */
  Sample traced(SyscallListener listener) {
    return paced(
        calls -> {
          try (Tracer tracer = Tracer.builder().listener(listener).build()) {
            return output(tracer, hot(calls));
          }
        });
  }

  /** Traced by SysMon, both on one CPU. */
  Sample tracedOnOneCpu(SyscallListener listener) {
    return paced(
        calls -> {
          try (Tracer tracer = Tracer.builder().listener(listener).build()) {
            TracerThreads.pin(tools);
            return output(
                tracer, Commands.words(List.of(tools.guest("pin")), hot(calls).toArray()));
          }
        });
  }

  private List<String> hot(int calls) {
    return List.of(tools.guest("hot"), call, Integer.toString(calls));
  }

  private static String output(Tracer tracer, List<String> command)
      throws IOException, InterruptedException {
    TraceeHandle program = tracer.launch(new ProcessBuilder(command));
    byte[] text = program.process().getInputStream().readAllBytes();
    int status = program.waitFor();
    if (status != 0) {
      throw new IOException(String.join(" ", command) + " ended with status " + status);
    }
    return new String(text, StandardCharsets.US_ASCII);
  }

  /** Makes as many calls as take a while, but not long, judging by the last time. */
  private Sample paced(Run run) {
    int[] calls = {FEW};
    return () -> {
      double cost = Double.parseDouble(run.output(calls[0]).strip());
      calls[0] = (int) Math.max(FEW, Math.min(MANY, nanos / cost));
      return cost;
    };
  }

  /** Runs the program once. */
  private interface Run {
    String output(int calls) throws IOException, InterruptedException;
  }
}
