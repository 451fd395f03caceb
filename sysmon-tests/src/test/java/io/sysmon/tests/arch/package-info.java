/**
 * What every {@link io.sysmon.spi.Architecture} has to be like, without a kernel: that the parts of
 * one fit together, that its layout and numbers are those of the kernel's headers, and that bytes
 * which a kernel has given are read as what they were.
 */
package io.sysmon.tests.arch;
