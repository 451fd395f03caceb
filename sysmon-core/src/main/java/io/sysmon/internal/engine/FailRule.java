package io.sysmon.internal.engine;

import io.sysmon.Errno;
import io.sysmon.Interest;

/**
 * Calls that fail without having been made: {@code Tracer.Builder.fail}.
 *
 * @param calls whose entries are selected
 * @param errno what the program sees
 */
public record FailRule(Interest calls, Errno errno) {}
