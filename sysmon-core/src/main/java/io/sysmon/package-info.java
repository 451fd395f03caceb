/**
 * Trace and follow running Linux programs from Java: the public API.
 *
 * <p>Priorities, in order: the traced program must not notice; no event is lost; a stop is cheap;
 * the API reads like {@link ProcessBuilder} and ptrace(2).
 *
 * <p><b>Threads.</b> {@link io.sysmon.Tracer} and {@link io.sysmon.TraceeHandle} may be used from
 * any thread. Every callback of a {@link io.sysmon.Listener} runs on the tracer's own thread, one
 * at a time, while the task that it is about is stopped; what it is handed ({@link
 * io.sysmon.SyscallStop}, {@link io.sysmon.SignalStop}) may be used on that thread and until the
 * callback returns, no longer.
 *
 * <p><b>Failures.</b> Exceptions are unchecked and derive from {@link io.sysmon.TraceException},
 * but for {@link java.io.IOException} where {@link ProcessBuilder#start()} throws one. A tracee
 * that dies is an outcome; only a request that needs it alive throws {@link
 * io.sysmon.TraceeDiedException}.
 */
@NullMarked
package io.sysmon;

import org.jspecify.annotations.NullMarked;
