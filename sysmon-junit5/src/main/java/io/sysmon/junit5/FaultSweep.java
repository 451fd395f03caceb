package io.sysmon.junit5;

import io.sysmon.Errno;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that is run once to record, and then once for each call of its {@link Harness#subject}s
 * that was recorded, of which the n-th fails. The test asserts what holds in any case, such as that
 * data is not lost.
 *
 * <p>Each run is a test of its own, named by the call and its number. One can be run alone: by its
 * unique id, or with {@code -Dsysmon.sweep=17}. They run at the same time if JUnit runs tests so
 * ({@link org.junit.jupiter.api.parallel.Execution}).
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith({SysmonExtension.class, SweepExtension.class})
public @interface FaultSweep {
  /**
   * The calls that fail.
   *
   * @return a set as {@link io.sysmon.fault.FaultRule#on} takes it
   */
  String calls();

  /**
   * With what they fail.
   *
   * @return the error
   */
  Errno errno();

  /**
   * Only calls about such a file.
   *
   * @return a pattern as for {@link io.sysmon.fault.CallCondition#path}, or nothing
   */
  String path() default "";

  /**
   * How long all runs together may take. What does not begin in time is told as skipped.
   *
   * @return seconds
   */
  int budgetSeconds() default 120;
}
