/** {@code sysmon monitor}: the events of a system, and who is asked about them. */
@NullMarked
package io.sysmon.examples.monitor;

import org.jspecify.annotations.NullMarked;
