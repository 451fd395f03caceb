package io.sysmon;

/**
 * What a {@link Tracer} tells of its tracees. A class implements {@link SyscallListener}, {@link
 * TraceeListener} or both.
 *
 * <p><b>Thread.</b> Callbacks run on the tracer's thread, one at a time, in the order in which the
 * listeners were given to the builder. The task that a callback is about is stopped meanwhile; the
 * others go on until they stop for an event of their own, which then waits. So a callback must not
 * block for long, and must not wait for a tracee: {@link TraceeHandle#waitFor()}, {@link
 * Tracer#launch} and {@link Tracer#close} throw {@link IllegalTraceeStateException} there. With
 * several threads ({@link Tracer.Builder#tracerThreads}) that is so for each process; those of
 * different processes may run at the same time.
 *
 * <p><b>Failure.</b> What a callback throws never stops the tracee and never keeps the other
 * listeners from being called; it comes out of {@link TraceeHandle#waitFor()} as a {@link
 * ListenerFailedException}. A {@link TraceeDiedException} about the callback's own tracee is not a
 * failure: a tracee may be killed while a listener looks at it.
 */
public sealed interface Listener permits SyscallListener, TraceeListener {}
