/**
 * What differs between CPUs. An architecture module offers one {@link io.sysmon.spi.Architecture}
 * by {@link java.util.ServiceLoader}; it knows offsets and numbers and calls nothing native, so
 * that it can be tested on any machine.
 *
 * <p><b>Threads.</b> Everything here is immutable, or pure functions over a buffer that the caller
 * owns. <b>Failures.</b> {@link IllegalArgumentException} for what the layout does not have.
 */
@NullMarked
package io.sysmon.spi;

import org.jspecify.annotations.NullMarked;
