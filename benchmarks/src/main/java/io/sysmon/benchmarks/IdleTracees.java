package io.sysmon.benchmarks;

import io.sysmon.Interest;
import java.util.List;

/** What tracees that sleep cost one that does not. */
final class IdleTracees implements Benchmark {
  private static final int CALLS = 5_000;
  private static final int CALLS_IN_A_CROWD = 1_000;
  private static final int MOST = 5_000;
  private static final String SYSMON = "SysMon, %,d idle";
  private static final String SPREAD = "SysMon, %,d idle, threads as needed";

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
                + "traced, every call. `wait4` walks the list of the calling thread's tracees. *Threads as needed*: "
                + "the tracer is built with `tracerThreadsAsNeeded()`, and has had the time to spread that tree over its threads.",
            Unit.NANOS_A_CALL,
            alone);
    Tools tools = session.tools();
    List<Integer> crowds = session.isQuick() ? List.of(0, 1, 300) : List.of(0, 1, 100, 1_000, MOST);
    for (int idle : crowds) {
      contest.add(
          SYSMON.formatted(idle),
          () -> {
            try (Crowd crowd =
                Crowd.ofOneTree(
                    tools, new Selecting(Interest.all()), idle, "getppid", calls(idle))) {
              return crowd.nanosACall();
            }
          });
    }
    int spread = crowds.get(crowds.size() - 1);
    contest.add(
        SPREAD.formatted(spread),
        () -> {
          try (Crowd crowd =
              Crowd.spread(tools, new Selecting(Interest.all()), spread, "getppid", CALLS)) {
            return crowd.nanosACall();
          }
        });
    if (tools.hasStrace() && !session.isQuick()) {
      for (int idle : List.of(0, 1_000)) {
        contest.add("strace, %,d idle".formatted(idle), () -> traced(tools, idle));
      }
    }
    Result result = session.hold(contest);
    session.bar(
        new Bar(
            "a call beside %,d idle tracees, threads as needed, to one beside none"
                .formatted(spread),
            result.ratio(SPREAD.formatted(spread), alone),
            1.3,
            4));
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
