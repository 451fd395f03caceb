package io.sysmon.benchmarks;

import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.Tracer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How soon a program runs. */
final class LaunchLatency implements Benchmark {
  private static final int LAUNCHES = 21;
  private static final String PLAIN = "`ProcessBuilder.start()`";
  private static final String TRACED = "`Tracer.launch`, to the first event";
  private static final String COLD = "`./sysmon strace -o FILE true`";
  private static final double COLD_LIMIT_SECONDS = 0.5;

  @Override
  public String name() {
    return "launch";
  }

  @Override
  public void run(Session session) throws Exception {
    warm(session);
    cold(session);
  }

  private static void warm(Session session) throws Exception {
    FirstEvent first = new FirstEvent();
    try (Tracer tracer = Tracer.builder().listener(first).build()) {
      Result result =
          session.hold(
              new Contest(
                      "Launch, warm",
                      "In a JVM that has done it before; each sample is the median of 21 launches of `true`, from the "
                          + "call to its return (`start`) or to the listener's first callback, the execve's entry "
                          + "(`launch`).",
                      Unit.NANOS,
                      PLAIN)
                  .add(PLAIN, () -> medianOf(LaunchLatency::start))
                  .add(TRACED, () -> medianOf(() -> launch(tracer, first))));
      session.bar(
          new Bar("warm launch to first event, to " + PLAIN, result.ratio(TRACED, PLAIN), 3, 10));
    }
  }

  private static double medianOf(Sample sample) throws Exception {
    List<Double> taken = new ArrayList<>();
    for (int i = 0; i < LAUNCHES; i++) {
      taken.add(sample.take());
    }
    Collections.sort(taken);
    return taken.get(LAUNCHES / 2);
  }

  private static double start() throws Exception {
    long begin = System.nanoTime();
    Process started = new ProcessBuilder("true").start();
    double taken = System.nanoTime() - begin;
    started.waitFor();
    return taken;
  }

  private static double launch(Tracer tracer, FirstEvent first) throws Exception {
    first.nanos = 0;
    long begin = System.nanoTime();
    tracer.launch(new ProcessBuilder("true")).waitFor();
    return first.nanos - begin;
  }

  private static void cold(Session session) throws Exception {
    Tools tools = session.tools();
    String trace = tools.work("cold.trace").toString();
    Contest contest =
        new Contest(
                "The command line, cold",
                "The whole of `true`, from the start of the shell script to its end, with the JVM's start.",
                Unit.NANOS,
                "untraced")
            .add("untraced", () -> Commands.nanos(List.of("true")))
            .add(
                COLD, () -> Commands.nanos(List.of(tools.sysmon(), "strace", "-o", trace, "true")));
    if (tools.hasStrace()) {
      contest.add(
          "`strace -o FILE true`",
          () -> Commands.nanos(Commands.words(tools.strace(tools.work("cold.trace")), "true")));
    }
    Result result = session.hold(contest);
    session.bar(
        new Bar(
            "seconds that `./sysmon strace true` takes, cold",
            result.median(COLD) / 1e9,
            COLD_LIMIT_SECONDS,
            5));
  }

  /** Notes when the first call of a program was seen. */
  private static final class FirstEvent implements SyscallListener {
    private volatile long nanos;

    @Override
    public void onEnter(SyscallEnter call) {
      if (nanos == 0) {
        nanos = System.nanoTime();
      }
    }
  }
}
