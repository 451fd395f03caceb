/**
 * Reading and writing a tracee's memory and registers, and making system calls inside a stopped
 * tracee.
 *
 * <p><b>Threads.</b> {@link io.sysmon.internal.memory.VmMemory} is used by the thread that owns its
 * off-heap block; {@link io.sysmon.internal.memory.GeneralRegisters} and {@link
 * io.sysmon.internal.memory.RemoteCalls} by the tracer thread alone.
 *
 * <p><b>Failures.</b> A dead tracee is {@link io.sysmon.TraceeDiedException}, an address that is
 * not there {@link io.sysmon.BadAddressException}.
 */
@NullMarked
package io.sysmon.internal.memory;

import org.jspecify.annotations.NullMarked;
