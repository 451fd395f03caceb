package io.sysmon.benchmarks;

import io.sysmon.Interest;
import java.util.List;

/** What the two stops of a system call cost. */
final class HotLoop implements Benchmark {
  private static final String FLOOR = "C loop, one CPU";
  private static final String STRACE = "`strace -f -o /dev/null`";
  private static final String PINNED_STRACE = STRACE + ", one CPU";
  private static final String SYSMON = "SysMon";
  private static final String PINNED_SYSMON = "SysMon, one CPU";

  @Override
  public String name() {
    return "hot";
  }

  @Override
  public void run(Session session) throws Exception {
    Tools tools = session.tools();
    Loop loop = new Loop(session, "getppid");
    List<String> floor = List.of(tools.guest("floor"));
    List<String> asking = List.of(tools.guest("floor"), "-i");
    Contest contest =
        new Contest(
                "Hot loop, every call traced",
                "`getppid` in a loop, stopped at each entry and exit. SysMon calls an empty listener at both.",
                Unit.NANOS_A_CALL,
                FLOOR)
            .add("untraced", loop.by(List.of()))
            .add("C loop", loop.by(floor))
            .add(FLOOR, loop.onOneCpuBy(floor))
            .add("C loop `-i`, one CPU", loop.onOneCpuBy(asking))
            .add(SYSMON, loop.traced(new Selecting(Interest.all())))
            .add(PINNED_SYSMON, loop.tracedOnOneCpu(new Selecting(Interest.all())));
    if (tools.hasStrace()) {
      contest
          .add(STRACE, loop.by(tools.strace()))
          .add(PINNED_STRACE, loop.onOneCpuBy(tools.strace()));
    }
    Result result = session.hold(contest);
    session.bar(
        new Bar(
            "hot loop, full trace, SysMon to the C loop on one CPU",
            result.ratio(SYSMON, FLOOR),
            1.15,
            Double.POSITIVE_INFINITY));
    session.bar(
        new Bar(
            "hot loop, full trace, SysMon put on one CPU by hand, to the C loop on one CPU",
            result.ratio(PINNED_SYSMON, FLOOR),
            1.15,
            2));
    if (result.has(STRACE)) {
      session.bar(
          new Bar(
              "hot loop, full trace, SysMon to " + STRACE,
              result.ratio(SYSMON, STRACE),
              1 / 5.0,
              1.5));
      session.bar(
          new Bar(
              "hot loop, full trace, SysMon to " + PINNED_STRACE,
              result.ratio(SYSMON, PINNED_STRACE),
              1 / 1.1,
              Double.POSITIVE_INFINITY));
    }
  }
}
