package io.sysmon.junit5;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A parameter of a test that is made for the test and closed after it: a {@link Harness}, or a
 * {@link io.sysmon.Tracer}. A test that leaves traced processes running fails; they are killed.
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SysmonExtension.class)
public @interface Traced {
  /**
   * Faults that a {@link io.sysmon.Tracer}'s programs, or all commands of a {@link Harness}, meet.
   *
   * @return texts, as {@link io.sysmon.fault.FaultRule#parse} takes them
   */
  String[] faults() default {};
}
