/**
 * The only doorway to native code: libc by JNR, with C's names and primitive parameters.
 *
 * <p><b>Threads.</b> {@link io.sysmon.internal.sys.LibC} may be called from any thread; what ptrace
 * accepts only from the tracer's thread is said where it is called. An {@link
 * io.sysmon.internal.sys.OffHeap} belongs to one thread.
 *
 * <p><b>Failures.</b> Wrappers here return minus the errno and throw nothing: at a stop, {@code
 * ESRCH} is an outcome. {@link io.sysmon.internal.sys.SystemCallException} is for callers to whom a
 * failure is none.
 */
@NullMarked
package io.sysmon.internal.sys;

import org.jspecify.annotations.NullMarked;
