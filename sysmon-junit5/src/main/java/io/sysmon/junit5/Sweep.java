package io.sysmon.junit5;

import io.sysmon.fault.CallCondition;
import io.sysmon.fault.FaultRule;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/** What a sweep does, and what its recording has found. */
final class Sweep {
  /**
   * What happens to a call.
   *
   * @param name for the test's name
   * @param effect makes the rule
   */
  record Happening(String name, UnaryOperator<FaultRule> effect) {}

  private static final long RECORDING_MINUTES = 10;

  private final FaultRule about;
  private final List<Happening> happenings;
  private final long budgetNanos;
  private final long begin = System.nanoTime();
  private final CompletableFuture<List<String>> recorded = new CompletableFuture<>();

  Sweep(FaultRule about, List<Happening> happenings, int budgetSeconds) {
    this.about = about;
    this.happenings = List.copyOf(happenings);
    budgetNanos = TimeUnit.SECONDS.toNanos(budgetSeconds);
  }

  static Sweep of(FaultSweep annotation) {
    FaultRule about = FaultRule.on(annotation.calls());
    if (!annotation.path().isEmpty()) {
      about = about.where(CallCondition.path(annotation.path()));
    }
    Happening failing =
        new Happening("fails with " + annotation.errno(), rule -> rule.error(annotation.errno()));
    return new Sweep(about, List.of(failing), annotation.budgetSeconds());
  }

  static Sweep of(CrashSweep annotation) {
    FaultRule about =
        annotation.calls().isEmpty()
            ? FaultRule.on(
                    String.join(
                        ",",
                        FileCalls.OPENING,
                        FileCalls.CHANGING_NAMES,
                        FileCalls.CHANGING_CONTENTS))
                .where(FileCalls::changes)
            : FaultRule.on(annotation.calls());
    Happening before =
        new Happening("is not made: killed", rule -> rule.killEnter(annotation.victim()));
    Happening after =
        new Happening("is made, then killed", rule -> rule.killExit(annotation.victim()));
    List<Happening> happenings =
        switch (annotation.moment()) {
          case BEFORE -> List.of(before);
          case AFTER -> List.of(after);
          case BOTH -> List.of(before, after);
        };
    return new Sweep(about, happenings, annotation.budgetSeconds());
  }

  /** The run that records. */
  SweepStep recording() {
    return new SweepStep(0, about, happenings.get(0).effect);
  }

  /**
   * A run in which something happens.
   *
   * @param index from 1: all happenings of the first call, then those of the second
   */
  SweepStep step(int index) {
    return new SweepStep(1 + (index - 1) / happenings.size(), about, happening(index).effect);
  }

  private Happening happening(int index) {
    return happenings.get((index - 1) % happenings.size());
  }

  /** Its name; without the call when nothing was recorded. */
  String name(int index) {
    List<String> calls = recorded.getNow(List.of());
    int call = (index - 1) / happenings.size();
    String what = call < calls.size() ? calls.get(call) : "call " + (call + 1);
    String of = calls.isEmpty() ? "" : "/" + calls.size() * happenings.size();
    return "[" + index + of + "] " + what + " " + happening(index).name;
  }

  /** The recording has ended. */
  void recorded(List<String> calls) {
    recorded.complete(calls);
  }

  boolean isRecorded() {
    return recorded.isDone();
  }

  /** How many steps there are; waits for the recording, which another thread makes. */
  int steps() {
    try {
      return recorded.get(RECORDING_MINUTES, TimeUnit.MINUTES).size() * happenings.size();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("Nothing was recorded", e);
    }
  }

  boolean isOverBudget() {
    return System.nanoTime() - begin > budgetNanos;
  }
}
