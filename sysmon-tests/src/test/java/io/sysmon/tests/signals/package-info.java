/** What listeners decide of signals, and signals that pass as if nobody listened. */
@NullUnmarked
package io.sysmon.tests.signals;

import org.jspecify.annotations.NullUnmarked;
