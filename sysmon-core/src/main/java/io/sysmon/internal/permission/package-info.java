/**
 * Finds out why the kernel refused to let this process trace, and says what to do about it.
 *
 * <p>{@link io.sysmon.internal.permission.Permission} is the way in. {@link
 * io.sysmon.internal.permission.Diagnosis} draws the conclusions, from what a {@link
 * io.sysmon.internal.permission.Host} shows: pure, and tested without a kernel. The sentences are
 * {@link io.sysmon.internal.permission.Finding}s, which are headings in {@code
 * docs/troubleshooting.md} too.
 *
 * <p><b>Threads.</b> Any, but best the one that was refused: credentials and seccomp filters are a
 * thread's.
 *
 * <p><b>Failures.</b> None: what cannot be read gives no finding. The machine may have changed
 * since the kernel answered.
 */
@NullMarked
package io.sysmon.internal.permission;

import org.jspecify.annotations.NullMarked;
