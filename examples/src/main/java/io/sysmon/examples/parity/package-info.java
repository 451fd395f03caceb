/**
 * Compares what {@code sysmon strace} writes with what strace(1) writes, line by line: {@link
 * io.sysmon.examples.parity.Parity} is the command behind {@code examples/parity}.
 *
 * <p>Both trace the same command in the same surroundings ({@code Workplace}). What differs from
 * run to run is replaced ({@code NormalForm}), lines are put together by task ({@link
 * io.sysmon.examples.parity.Trace}) and aligned ({@link io.sysmon.examples.parity.Comparison}).
 *
 * <p><b>Threads.</b> One.
 *
 * <p><b>Failures.</b> A command that cannot be traced ends the comparison; one that fails is a
 * command like any other.
 */
@NullMarked
package io.sysmon.examples.parity;

import org.jspecify.annotations.NullMarked;
