/**
 * Tests of programs with JUnit 5: a {@link io.sysmon.junit5.Harness} runs commands under trace and
 * keeps the record of what they did; {@link io.sysmon.junit5.RunAssert} asserts on it; faults,
 * crashes and pauses come from {@link io.sysmon.fault}; {@link io.sysmon.junit5.FaultSweep} and
 * {@link io.sysmon.junit5.CrashSweep} try each of a program's calls in turn.
 *
 * <p><b>Threads.</b> A harness and what it gives belong to the test's thread.
 *
 * <p><b>Failures.</b> What does not hold is an {@link org.opentest4j.AssertionFailedError} that
 * shows the lines of the trace that it is about.
 */
@NullMarked
package io.sysmon.junit5;

import org.jspecify.annotations.NullMarked;
