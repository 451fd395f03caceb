/**
 * Processes that run already are put under trace and let go again, in every state. The guests check
 * themselves: registers, results, signal masks, and that no call is interrupted.
 */
@NullUnmarked
package io.sysmon.tests.attach;

import org.jspecify.annotations.NullUnmarked;
