/**
 * What system calls are and how they read: from numbers and registers to names, typed arguments and
 * text in the form of strace(1).
 *
 * <p>One checked-in table, {@code syscalls.txt}, describes every system call of every ABI; {@code
 * constants.txt} names the constants. {@link io.sysmon.decode.SyscallTable} looks up, {@link
 * io.sysmon.decode.CallValues} decodes arguments, {@link io.sysmon.decode.SyscallFormatter} prints.
 * Nothing here touches the kernel: a tracee's memory is read through a {@link
 * io.sysmon.decode.MemoryReader}.
 *
 * <p>The other public classes are what arguments are: {@link io.sysmon.decode.Flags}, {@link
 * io.sysmon.decode.SockAddr}, {@link io.sysmon.decode.FileStat} and so on. Listeners get them from
 * {@link io.sysmon.SyscallStop} and {@link io.sysmon.CallArgument}.
 *
 * <p><b>Threads.</b> Tables, formatters and values are immutable and may be shared. A {@link
 * io.sysmon.decode.PendingCall} belongs to one traced task and is used by one thread at a time.
 *
 * <p><b>Failures.</b> What a program passes to the kernel may be anything, so formatting never
 * throws on it: what cannot be read is printed as an address, what has no name as a number. A table
 * that cannot be parsed is a fault of the build, {@link io.sysmon.decode.BadTableException}.
 */
@NullMarked
package io.sysmon.decode;

import org.jspecify.annotations.NullMarked;
