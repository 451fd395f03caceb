package io.sysmon.junit5;

import io.sysmon.fault.Victim;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that is run once to record, and then for each state-changing call of its {@link
 * Harness#subject}s that was recorded, with a kill before or after the n-th. The test then runs the
 * recovery and asserts what must hold, by a {@link Harness#command}, which is not killed.
 *
 * <p>What the kernel has been given is on the disk, as it is when a process crashes; a crash of the
 * machine is something else.
 *
 * <p>Named, run alone and run in parallel as {@link FaultSweep}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith({SysmonExtension.class, SweepExtension.class})
public @interface CrashSweep {
  /** When the kill comes. */
  enum Moment {
    /** The call is not made. */
    BEFORE,
    /** The call was made, and the program does not know. */
    AFTER,
    /** One run of each for each call. */
    BOTH
  }

  /**
   * The calls.
   *
   * @return a set as {@link io.sysmon.fault.FaultRule#on} takes it; by default all that change
   *     files: their contents, names and attributes, or bring them to the disk
   */
  String calls() default "";

  /**
   * When the kill comes.
   *
   * @return by default before the call
   */
  Moment moment() default Moment.BEFORE;

  /**
   * Who is killed.
   *
   * @return by default all of the command's processes
   */
  Victim victim() default Victim.TREE;

  /**
   * How long all runs together may take. What does not begin in time is told as skipped.
   *
   * @return seconds
   */
  int budgetSeconds() default 120;
}
