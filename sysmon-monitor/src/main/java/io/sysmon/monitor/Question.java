package io.sysmon.monitor;

import java.time.Instant;

/**
 * What somebody is asked about. Immutable.
 *
 * @param event what is about to happen
 * @param isAllowedByDefault what the rule's {@code default} decides when nobody answers
 * @param until when that is
 */
public record Question(Event event, boolean isAllowedByDefault, Instant until) {}
