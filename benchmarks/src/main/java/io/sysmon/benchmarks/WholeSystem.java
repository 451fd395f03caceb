package io.sysmon.benchmarks;

import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.SystemTrace;
import io.sysmon.Tracer;
import io.sysmon.monitor.Monitor;
import io.sysmon.monitor.Policy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code system.c}: what it takes to trace thousands of processes, and what they notice. */
final class WholeSystem implements Benchmark {
  private static final int CALLS = 20_000;
  private static final String ALONE = "one process, traced alone";
  private static final String ACTIVE = "each of those that work";

  @Override
  public String name() {
    return "system";
  }

  @Override
  public void run(Session session) throws Exception {
    Size size = session.isQuick() ? new Size(200, 500, 20) : new Size(2_000, 5_000, 200);
    Tools tools = session.tools();
    Contest costs =
        new Contest(
            "A call in a system of %,d processes".formatted(size.processes),
            "`system.c`: %,d processes with %,d threads, of which %,d processes call `getppid` at the same time, %,d times "
                    .formatted(size.processes, size.threads, size.workers, CALLS)
                + "in all; the others wait. All are attached by `attachAll`, every call is told, on threads as needed. "
                + "What all calls took, a call.",
            Unit.NANOS_A_CALL,
            ALONE);
    Listener every = new Selecting(Interest.all());
    costs.add(ALONE, () -> measured(tools, new Size(1, 1, 1), every).call);
    costs.add(ACTIVE, () -> measured(tools, size, every).call);
    Result result = session.hold(costs);
    Measured whole = measured(tools, size, every);
    session.note(whole.text(size, ""));
    try (Monitor monitor = Monitor.of(Policy.logAll(), event -> {})) {
      session.note(measured(tools, size, monitor).text(size, "By the monitor, "));
    }
    session.bar(new Bar("a call among many to one alone", result.ratio(ACTIVE, ALONE), 1.5, 4));
    session.bar(new Bar("seconds to attach the system", whole.attach, 5, 20));
    session.bar(new Bar("seconds to let the system go", whole.detach, 5, 20));
    session.bar(new Bar("MiB of heap for the system", whole.heap / (1 << 20), 256, 256));
  }

  private record Size(int processes, int threads, int workers) {}

  /** Nanoseconds a call, seconds, seconds, and bytes. */
  private record Measured(double call, double attach, double detach, double heap) {
    String text(Size size, String how) {
      return (how
              + "%,d processes with %,d threads: attached in %.2f s, let go in %.2f s, %.0f MiB of heap in use meanwhile; "
              + "each of them noticed nothing.")
          .formatted(size.processes, size.threads, attach, detach, heap / (1 << 20));
    }
  }

  private static Measured measured(Tools tools, Size size, Listener listener) throws Exception {
    Process root =
        new ProcessBuilder(
                Commands.words(
                    List.of(tools.guest("system")), size.processes, size.threads, size.workers))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = root.inputReader();
        Tracer tracer = Tracer.builder().tracerThreadsAsNeeded().listener(listener).build()) {
      expect("ready", output.readLine());
      long begun = System.nanoTime();
      SystemTrace system = tracer.attachAll(process -> process.parentPid() == root.pid());
      double attach = seconds(begun);
      if (system.counts().processes() != size.processes) {
        throw new IOException("Attached are " + system.counts() + ", not " + size.processes);
      }
      double nanos = Double.parseDouble(ask(root, output, "work " + CALLS / size.workers));
      System.gc();
      double heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      begun = System.nanoTime();
      system.close();
      double detach = seconds(begun);
      expect(size.threads - size.workers + " awake, 0 wrong", ask(root, output, "check"));
      return new Measured(nanos / CALLS, attach, detach, heap);
    } finally {
      root.destroyForcibly().waitFor();
    }
  }

  private static String ask(Process root, BufferedReader output, String line) throws IOException {
    OutputStream input = root.getOutputStream();
    input.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    input.flush();
    return output.readLine();
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static void expect(String expected, String line) throws IOException {
    if (!expected.equals(line)) {
      throw new IOException("system printed '" + line + "'");
    }
  }
}
