package io.sysmon.benchmarks;

import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import java.util.ArrayList;
import java.util.List;

/** What a call costs that a listener has selected, half selected, or not. */
final class FilteredLoop implements Benchmark {
  private static final String UNTRACED = "untraced";
  private static final String NOT_SELECTED = "not selected: `Interest.of(\"openat\")`";
  private static final String ENTRY = "entry only: `Interest.enter(\"getppid\")`";
  private static final String BOTH = "entry and exit: `Interest.of(\"getppid\")`";

  @Override
  public String name() {
    return "filtered";
  }

  @Override
  public void run(Session session) throws Exception {
    Loop loop = new Loop(session, "getppid");
    Contest contest =
        new Contest(
                "Hot loop, filtered",
                "`getppid` in a loop; listeners do nothing, but say which calls they want to see. strace has "
                    + "`--seccomp-bpf`.",
                Unit.NANOS_A_CALL,
                UNTRACED)
            .add(UNTRACED, loop.by(List.of()))
            .add(NOT_SELECTED, loop.traced(listener(Interest.of("openat"))))
            .add(ENTRY, loop.traced(listener(Interest.enter("getppid"))))
            .add(BOTH, loop.traced(listener(Interest.of("getppid"))));
    Tools tools = session.tools();
    if (tools.hasStrace()) {
      contest
          .add("strace, not selected", loop.by(strace(tools, "openat")))
          .add("strace, entry and exit", loop.by(strace(tools, "getppid")));
    }
    Result result = session.hold(contest);
    session.bar(
        new Bar(
            "a call that is not selected, to an untraced one",
            result.ratio(NOT_SELECTED, UNTRACED),
            1.4,
            3));
    session.bar(
        new Bar(
            "a call selected at its entry only, to one selected at both stops",
            result.ratio(ENTRY, BOTH),
            0.6,
            0.9));
  }

  private static SyscallListener listener(Interest interest) {
    return new Selecting(interest);
  }

  private static List<String> strace(Tools tools, String call) {
    List<String> words = new ArrayList<>(tools.strace());
    words.addAll(List.of("--seccomp-bpf", "-e", "trace=" + call));
    return words;
  }
}
