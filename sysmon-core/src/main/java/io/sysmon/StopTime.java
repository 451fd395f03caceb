package io.sysmon;

import java.time.Duration;

/**
 * What tracing has cost a process until now: how often its tasks have stopped for the tracer, and
 * how long that took. The time is that from when the tracer has taken up a stop, and those that it
 * takes up together, to when the task goes on; and of the time before, up to 6 µs, which the kernel
 * needs at least to hand over from one to the other. It needs more between two CPUs, and for a
 * tracer's thread that is busy: it is an estimate from below.
 *
 * @param stops of all tasks
 * @param duration of these stops, added up
 */
public record StopTime(long stops, Duration duration) {}
