/**
 * x86-64 for {@link io.sysmon.spi.Architecture}: offsets and numbers, no native call, immutable, so
 * that its tests run on any machine.
 */
@NullMarked
package io.sysmon.arch.x86_64;

import org.jspecify.annotations.NullMarked;
