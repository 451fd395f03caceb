package io.sysmon.benchmarks;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import java.util.function.Consumer;

/** What it costs to look at a call's arguments, and to change them. */
final class Arguments implements Benchmark {
  private static final String NOTHING = "nothing";

  @Override
  public String name() {
    return "arguments";
  }

  @Override
  public void run(Session session) throws Exception {
    Loop loop = new Loop(session, "access");
    Contest contest =
        new Contest(
            "Arguments read and rewritten",
            "`faccessat` of a path of 36 bytes in a loop, entry and exit traced, all on one CPU. The listener does "
                + "at each entry:",
            Unit.NANOS_A_CALL,
            NOTHING);
    contest
        .add(NOTHING, with(loop, call -> {}))
        .add("`string(1)`", with(loop, call -> call.string(1)))
        .add("`snapshot()`", with(loop, SyscallEnter::snapshot))
        .add("`setArg(2, 4)`", with(loop, call -> call.setArg(2, 4)))
        .add("`replaceString(1, …)`", with(loop, call -> call.replaceString(1, "/another/path")))
        .add("`relocateString(1, …)`", with(loop, call -> call.relocateString(1, "/another/path")));
    if (session.tools().hasStrace()) {
      contest.add("prints it: `strace -f -o /dev/null`", loop.onOneCpuBy(session.tools().strace()));
    }
    session.hold(contest);
  }

  private static Sample with(Loop loop, Consumer<SyscallEnter> atEntry) {
    return loop.tracedOnOneCpu(
        new Selecting(Interest.of("faccessat")) {
          @Override
          public void onEnter(SyscallEnter call) {
            atEntry.accept(call);
          }
        });
  }
}
