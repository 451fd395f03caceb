/**
 * What processes do, as events: programs started, files written, connections, privileges; and
 * policies that decide about it before it happens.
 *
 * <p>{@link io.sysmon.monitor.Monitor} is a listener of a {@link io.sysmon.Tracer}; it makes {@link
 * io.sysmon.monitor.Event}s of system calls and asks a {@link io.sysmon.monitor.Policy} about each.
 *
 * <p><b>Threads.</b> Events are handed over on the tracer's threads, where a consumer that blocks
 * keeps traced programs waiting: {@link io.sysmon.monitor.EventQueue} is between the two. Policies
 * may be replaced by any thread at any time.
 *
 * <p><b>Failures.</b> A call whose arguments cannot be read, or cannot be protected from being
 * changed after the decision, is not let through where a rule might deny it. {@code SECURITY.md}
 * says what a policy protects from, and what not.
 */
@NullMarked
package io.sysmon.monitor;

import org.jspecify.annotations.NullMarked;
