/**
 * Who has called whom: the stack of a stopped task, with the names of its functions.
 *
 * <p>{@link io.sysmon.stack.Unwinder} walks it in a callback.
 *
 * <p><b>Threads.</b> An unwinder may be used by several tracer threads at a time.
 *
 * <p><b>Failures.</b> Programs need not keep their stack in order, and their files may hold
 * anything: a stack ends where nothing is known of the next frame.
 */
@NullMarked
package io.sysmon.stack;

import org.jspecify.annotations.NullMarked;
