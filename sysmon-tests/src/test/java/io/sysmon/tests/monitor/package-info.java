/** The monitor: events and decisions about real programs. */
@NullMarked
package io.sysmon.tests.monitor;

import org.jspecify.annotations.NullMarked;
