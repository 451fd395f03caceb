/**
 * Which system calls stop, as a classic BPF program for seccomp(2). Pure functions: no system call,
 * no state, any thread. What the kernel would refuse is never built; a table that needs too long a
 * program is a {@link io.sysmon.internal.seccomp.FilterTooLongException}.
 */
@NullMarked
package io.sysmon.internal.seccomp;

import org.jspecify.annotations.NullMarked;
