/**
 * 64-bit ARM for {@link io.sysmon.spi.Architecture}: offsets and numbers, no native call,
 * immutable, so that its tests run on any machine.
 */
@NullMarked
package io.sysmon.arch.aarch64;

import org.jspecify.annotations.NullMarked;
