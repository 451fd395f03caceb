package io.sysmon.stack;

import org.jspecify.annotations.Nullable;

/**
 * A frame of a stack. Immutable.
 *
 * @param address where the task goes on: of the innermost frame the instruction pointer, of the
 *     others the address that is returned to
 * @param module what is mapped there: a file, as {@code /proc/PID/maps} tells it, with {@code
 *     (deleted)} behind it if it is not there any more, or {@code [vdso]}; null when it is no code,
 *     or code that comes from no file (of a just-in-time compiler)
 * @param offset the address as an offset in the module; 0 without one
 * @param symbol the last function of the module that begins before, as the file has it; of a
 *     stripped file only those are known that others may call, so that it may be another one. Null
 *     when there is none
 * @param symbolOffset the address as an offset from the symbol; 0 without one
 */
public record StackFrame(
    long address,
    @Nullable String module,
    long offset,
    @Nullable String symbol,
    long symbolOffset) {

  /**
   * As strace(1) writes it.
   *
   * @return for example {@code /usr/lib/libc.so.6(__write+0x10) [0xf8350]}; {@code
   *     [0x7f3dc8000000]} without a module
   */
  @Override
  public String toString() {
    if (module == null) {
      return "[0x" + Long.toHexString(address) + "]";
    }
    String function = symbol == null ? "" : symbol + "+0x" + Long.toHexString(symbolOffset);
    return module + "(" + function + ") [0x" + Long.toHexString(offset) + "]";
  }
}
