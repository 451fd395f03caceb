/**
 * Programs that change what other programs do, each one file to read and to copy from. Each is a
 * listener, a {@code main}, and a subcommand of {@code sysmon}.
 *
 * <p>{@link io.sysmon.examples.rewrite.RedirectFile} is the one to begin with. {@code
 * docs/rewriting.md} tells how far each change reaches, and why.
 *
 * <p><b>Threads.</b> The listeners are called on the tracer's thread and share nothing with others,
 * but for {@link io.sysmon.examples.rewrite.AskBeforeExec}, which asks on a thread of its own.
 *
 * <p><b>Failures.</b> A call whose pointers cannot be read is left to the kernel, which refuses it.
 */
@NullMarked
package io.sysmon.examples.rewrite;

import org.jspecify.annotations.NullMarked;
