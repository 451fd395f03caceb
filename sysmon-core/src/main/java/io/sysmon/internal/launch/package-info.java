/**
 * Starting a program so that it is traced from its first instruction, as {@link ProcessBuilder}
 * would start it.
 *
 * <p>fork(2) is not safe in a JVM, and the JDK's own children are unfit: their reaper consumes
 * ptrace stops. So a small process, the gate, is spawned and seized, and made to become the program
 * by injected system calls.
 *
 * <p><b>Threads.</b> {@link io.sysmon.internal.launch.Command} and {@link
 * io.sysmon.internal.launch.StandardStreams} are made by the caller of {@code launch}; {@link
 * io.sysmon.internal.launch.Gate} belongs to the tracer thread.
 *
 * <p><b>Failures.</b> {@link java.io.IOException}s worded like {@link ProcessBuilder#start()}'s.
 */
@NullMarked
package io.sysmon.internal.launch;

import org.jspecify.annotations.NullMarked;
