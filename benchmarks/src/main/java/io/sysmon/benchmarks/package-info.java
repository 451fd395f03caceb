/**
 * Measures what tracing costs on this machine, beside strace(1) and a tracer of a few lines of C;
 * {@code benchmarks/run} builds what it needs and starts it.
 *
 * <p>A {@link io.sysmon.benchmarks.Benchmark} sets up {@link io.sysmon.benchmarks.Contest}s; a
 * contest takes one sample of each contestant in every round, and its {@link
 * io.sysmon.benchmarks.Result} gives medians and, round by round, ratios. {@link
 * io.sysmon.benchmarks.Report} holds them against the {@link io.sysmon.benchmarks.Bar}s.
 *
 * <p><b>Threads.</b> Everything runs on the main thread, one contestant at a time; listeners on
 * their tracer's.
 *
 * <p><b>Failures.</b> A program that cannot be measured ends the run with an exception.
 */
@NullMarked
package io.sysmon.benchmarks;

import org.jspecify.annotations.NullMarked;
