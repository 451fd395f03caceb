/** Tests of what changes a program: rewritten calls, memory, held calls, breakpoints. */
@NullUnmarked
package io.sysmon.tests.rewrite;

import org.jspecify.annotations.NullUnmarked;
