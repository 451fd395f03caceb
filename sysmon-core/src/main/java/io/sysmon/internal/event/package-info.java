/**
 * What wait4(2) reports, classified. Pure functions over the status word: no system call, no state,
 * any thread, never an exception.
 */
@NullMarked
package io.sysmon.internal.event;

import org.jspecify.annotations.NullMarked;
