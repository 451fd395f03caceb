package io.sysmon.junit5;

import io.sysmon.TraceeHandle;
import io.sysmon.fault.FaultRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Runs commands for a test; made by a parameter with {@link Traced}. When the test is over, it is
 * closed, and the test fails if something runs still, or if a command that was stopped at a call
 * had to go on without an answer and nobody has looked.
 */
public final class Harness implements AutoCloseable {
  private final List<FaultRule> faults;
  private final Supplier<List<FaultRule>> ofSubjects;
  private final List<RunningCommand> started = new ArrayList<>();

  /**
   * Runs commands.
   *
   * @param faults what all of them meet
   * @param ofSubjects what a subject meets besides
   */
  Harness(List<FaultRule> faults, Supplier<List<FaultRule>> ofSubjects) {
    this.faults = List.copyOf(faults);
    this.ofSubjects = ofSubjects;
  }

  /**
   * Describes a command, which no sweep touches: one that prepares or checks.
   *
   * @param words the program and its arguments
   * @return the description, to run
   */
  public TracedCommand command(String... words) {
    return new TracedCommand(this, Arrays.asList(words), faults);
  }

  /**
   * Describes a command that the test is about: {@link FaultSweep} lets its calls fail, {@link
   * CrashSweep} kills it. In other tests the same as {@link #command}.
   *
   * @param words the program and its arguments
   * @return the description, to run
   */
  public TracedCommand subject(String... words) {
    List<FaultRule> all = new ArrayList<>(faults);
    all.addAll(ofSubjects.get());
    return new TracedCommand(this, Arrays.asList(words), all);
  }

  void started(RunningCommand running) {
    started.add(running);
  }

  /** What runs still. */
  List<TraceeHandle> left() {
    return started.stream().flatMap(running -> running.left().stream()).toList();
  }

  /** What went wrong in commands whose end was not awaited. */
  List<String> untold() {
    return started.stream().flatMap(running -> running.untold().stream()).toList();
  }

  /** Kills what is left, and ends the traces. */
  @Override
  public void close() {
    started.forEach(RunningCommand::close);
    started.clear();
  }
}
