/**
 * What JMH measures, by {@code benchmarks/run --jmh}: work that needs no kernel.
 *
 * <p><b>Threads.</b> JMH's, one for each state object.
 *
 * <p><b>Failures.</b> JMH reports what a method throws.
 */
@NullMarked
package io.sysmon.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
