/**
 * The tracer thread: waits for stops, keeps the table of tracees, calls the listeners and resumes.
 *
 * <p>One stop, as data: {@code wait4} gives (tid, status); {@link
 * io.sysmon.internal.event.WaitStatus} classifies it; {@link io.sysmon.internal.engine.Stops} finds
 * the task, moves its state, and for a system call asks {@code PTRACE_GET_SYSCALL_INFO}; the
 * listeners see a view; the task is resumed. One straight line, on one thread.
 *
 * <p><b>Threads.</b> Everything but {@link io.sysmon.internal.engine.Engine}, {@link
 * io.sysmon.internal.engine.Tracee}, {@link io.sysmon.internal.engine.Failures} and {@link
 * io.sysmon.internal.engine.LiveTracees} is confined to the tracer thread. Other threads post
 * commands and ring the {@link io.sysmon.internal.engine.Doorbell}. With several tracer threads
 * ({@link io.sysmon.internal.engine.Shards}) a process and its tasks belong to one at a time:
 * {@link io.sysmon.internal.engine.Handovers} parks it, and the {@link
 * io.sysmon.internal.engine.CommandQueue} of the next one carries it over.
 *
 * <p><b>Failures.</b> {@code ESRCH} from a request on a stopped task means that it was killed: it
 * is left alone, its end will be reported. A callback that throws is recorded. Anything else is a
 * defect of this library: the thread ends, the kernel kills the tracees ({@code
 * PTRACE_O_EXITKILL}), and everyone who waits is told.
 */
@NullMarked
package io.sysmon.internal.engine;

import org.jspecify.annotations.NullMarked;
