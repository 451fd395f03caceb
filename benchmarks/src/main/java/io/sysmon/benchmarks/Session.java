package io.sysmon.benchmarks;

import java.util.List;

/** One run: how it is to be done, with what, and what has come out. */
final class Session {
  private final Options options;
  private final Tools tools;
  private final Report report;

  Session(Options options, Tools tools, Report report) {
    this.options = options;
    this.tools = tools;
    this.report = report;
  }

  Tools tools() {
    return tools;
  }

  boolean isQuick() {
    return options.isQuick();
  }

  /** Measures and reports. */
  Result hold(Contest contest) throws Exception {
    Result result = contest.hold(options.rounds());
    report.add(result);
    return result;
  }

  void note(String text) {
    report.note(text);
  }

  void bars(List<Bar> bars) {
    report.bars(bars);
  }

  void bar(Bar bar) {
    report.bars(List.of(bar));
  }
}
