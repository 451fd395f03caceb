package io.sysmon.junit5;

import io.sysmon.SyscallEnter;
import io.sysmon.fault.FaultRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * One run of a sweep: the one that records, or the one in which something happens to the n-th call.
 * The calls of all subjects of the run are counted together, in the order in which they are made.
 */
final class SweepStep {
  private final int number;
  private final FaultRule about;
  private final UnaryOperator<FaultRule> effect;
  private final AtomicInteger count = new AtomicInteger();
  private final List<String> recorded = new ArrayList<>();
  private volatile boolean hasSubject;

  /**
   * A run.
   *
   * @param number 0 to record, else the number of the call
   */
  SweepStep(int number, FaultRule about, UnaryOperator<FaultRule> effect) {
    this.number = number;
    this.about = about;
    this.effect = effect;
  }

  int number() {
    return number;
  }

  /** What a subject meets, of which there is one then. */
  FaultRule ofSubject() {
    hasSubject = true;
    return effect.apply(about.where(this::isReached));
  }

  private synchronized boolean isReached(SyscallEnter call) {
    if (number == 0) {
      recorded.add(call.snapshot().toString().replaceFirst("^\\[\\d+] ", ""));
    }
    return count.incrementAndGet() == number;
  }

  boolean hasSubject() {
    return hasSubject;
  }

  /** The names of the calls that it is about. */
  Set<String> calls() {
    return about.calls();
  }

  /** The calls, of the run that records. */
  synchronized List<String> recorded() {
    return List.copyOf(recorded);
  }

  /** Whether something has happened to the call. */
  boolean wasReached() {
    return count.get() >= number;
  }

  int counted() {
    return count.get();
  }
}
