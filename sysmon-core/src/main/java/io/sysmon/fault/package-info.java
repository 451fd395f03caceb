/**
 * Makes traced programs meet faults: which calls, when, and what happens. Rules are texts, those of
 * strace(1)'s {@code -e inject=} with additions, or are put together in Java; a {@link
 * io.sysmon.fault.FaultInjector} is the listener that carries them out.
 *
 * <p><b>Threads.</b> Rules and what they are made of are immutable. The injector acts on the
 * tracer's thread and may be asked from any.
 *
 * <p><b>Failures.</b> A text that makes no sense is a {@link
 * io.sysmon.fault.BadFaultRuleException}, with its line and column. What cannot be done to a
 * tracee, such as poking bytes to an address that is not mapped, is a failure of the listener.
 */
@NullMarked
package io.sysmon.fault;

import org.jspecify.annotations.NullMarked;
