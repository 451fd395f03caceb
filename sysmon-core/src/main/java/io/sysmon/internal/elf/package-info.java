/**
 * What programs' files (ELF) say of their code: which functions there are, and how to get from a
 * frame of the stack to its caller's.
 *
 * <p>Bytes in, rules out: nothing here opens a file or asks the kernel. Objects are immutable but
 * for cursors, and belong to no thread.
 *
 * <p><b>Failures.</b> Files may hold anything. What cannot be read or makes no sense is a {@link
 * io.sysmon.internal.elf.NoUnwindException}, which is checked, so that none gets lost.
 */
@NullMarked
package io.sysmon.internal.elf;

import org.jspecify.annotations.NullMarked;
