package io.sysmon.benchmarks;

import io.sysmon.Interest;
import java.util.List;

/** What tracees that sleep cost one that does not. */
final class IdleTracees implements Benchmark {
  private static final int CALLS = 5_000;
  private static final int CALLS_IN_A_CROWD = 1_000;
  private static final int MOST = 5_000;
  private static final String SYSMON = "SysMon, %,d idle";

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public void run(Session session) throws Exception {
    String alone = SYSMON.formatted(0);
    Contest contest =
        new Contest(
            "Idle tracees beside a hot one",
            "A program forks so many processes that sleep, and then calls `getppid` in a loop; all of them are "
                + "traced, every call. `wait4` walks the list of the calling thread's tracees.",
            Unit.NANOS_A_CALL,
            alone);
    Tools tools = session.tools();
    List<Integer> crowds = session.isQuick() ? List.of(0, 1, 300) : List.of(0, 1, 100, 1_000, MOST);
    for (int idle : crowds) {
      contest.add(
          SYSMON.formatted(idle),
          () -> {
            try (Crowd crowd =
                new Crowd(tools, new Selecting(Interest.all()), idle, "getppid", calls(idle))) {
              return crowd.nanosACall();
            }
          });
    }
    if (tools.hasStrace() && !session.isQuick()) {
      for (int idle : List.of(0, 1_000)) {
        contest.add("strace, %,d idle".formatted(idle), () -> traced(tools, idle));
      }
    }
    Result result = session.hold(contest);
    if (session.isQuick()) {
      session.bar(
          new Bar(
              "a call beside 300 idle tracees, to one beside none",
              result.ratio(SYSMON.formatted(300), alone),
              1.3,
              8));
    } else {
      session.bar(
          new Bar(
              "a call beside 5,000 idle tracees, to one beside none",
              result.ratio(SYSMON.formatted(MOST), alone),
              1.3,
              Double.POSITIVE_INFINITY));
    }
  }

  private static int calls(int idle) {
    return idle < CALLS_IN_A_CROWD ? CALLS : CALLS_IN_A_CROWD;
  }

  private static double traced(Tools tools, int idle) throws Exception {
    String text =
        Commands.output(
            Commands.words(tools.strace(), tools.guest("crowd"), idle, "getppid", calls(idle)));
    return Double.parseDouble(text.lines().skip(1).findFirst().orElseThrow());
  }
}
