/** Tracing all processes that a predicate admits: those of guests here, never the machine's. */
@NullMarked
package io.sysmon.tests.system;

import org.jspecify.annotations.NullMarked;
