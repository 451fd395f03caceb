package io.sysmon.benchmarks;

import io.sysmon.decode.SyscallTable;
import io.sysmon.fault.FaultInjector;
import io.sysmon.fault.FaultRule;
import io.sysmon.fault.When;
import java.util.ArrayList;
import java.util.List;

/** What many fault rules cost a call, beside one. */
final class FaultRules implements Benchmark {
  private static final int MANY = 100;
  private static final String CALL = "getppid";
  private static final String ONE = "one rule for `getppid`";
  private static final String OTHERS = "a hundred rules, one of them for `getppid`";
  private static final String SAME = "a hundred rules for `getppid`";

  @Override
  public String name() {
    return "faults";
  }

  @Override
  public void run(Session session) throws Exception {
    Loop loop = new Loop(session, CALL);
    List<FaultRule> one = List.of(rule(CALL, 1));
    List<FaultRule> others = new ArrayList<>(one);
    List<FaultRule> same = new ArrayList<>(one);
    SyscallTable.get().names().stream()
        .filter(name -> !name.equals(CALL))
        .limit(MANY - 1)
        .forEach(
            name -> {
              others.add(rule(name, When.MAX));
              same.add(rule(CALL, same.size() + 1));
            });
    Result result =
        session.hold(
            new Contest(
                    "Fault rules",
                    "`getppid` in a loop, of which each rule changes one early call, if any, on one CPU with the"
                        + " tracer.",
                    Unit.NANOS_A_CALL,
                    ONE)
                .add(ONE, loop.tracedOnOneCpu(new FaultInjector(one)))
                .add(OTHERS, loop.tracedOnOneCpu(new FaultInjector(others)))
                .add(SAME, loop.tracedOnOneCpu(new FaultInjector(same))));
    session.bars(
        List.of(
            new Bar("a hundred fault rules to one", result.ratio(OTHERS, ONE), 1.05, 1.5),
            new Bar(
                "a hundred fault rules for the same call to one",
                result.ratio(SAME, ONE),
                1.05,
                1.5)));
  }

  private static FaultRule rule(String call, int when) {
    return FaultRule.parse(call + ":retval=1:when=" + when);
  }
}
