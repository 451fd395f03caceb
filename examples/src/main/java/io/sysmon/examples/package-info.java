/**
 * Programs to run and to read: the {@code sysmon} command line, and what its subcommands are made
 * of. Each uses the library's public API only.
 *
 * <p>{@link io.sysmon.examples.FileAccessReporter} is the short one to begin with. {@code strace}
 * is the long one: {@link io.sysmon.examples.StraceCommand} has the options, {@code StraceRun}
 * starts and ends things, {@code StracePrinter} listens, {@code TraceLog} makes lines of what it
 * hears.
 *
 * <p><b>Threads.</b> Listeners and what they print with belong to the tracer's thread; {@code
 * LogOutput} may be flushed and closed by any.
 *
 * <p><b>Failures.</b> What the user can mend is a message on standard error and exit status 1.
 */
@NullMarked
package io.sysmon.examples;

import org.jspecify.annotations.NullMarked;
