package io.sysmon.stack;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of executable memory, proc_pid_maps(5).
 *
 * @param offset where it begins in the file
 * @param inode of the file, on {@code device}; 0 when it is none
 * @param name the file, or what the kernel calls it; empty for memory of its own
 */
record Mapping(long begin, long end, long offset, String device, long inode, String name) {
  private static final Pattern EXECUTABLE =
      Pattern.compile("(\\p{XDigit}+)-(\\p{XDigit}+) ..x. (\\p{XDigit}+) (\\S+) (\\d+) *(.*)");

  /** Reads a line of {@code /proc/PID/maps}; null when the memory is not executable. */
  static @Nullable Mapping parse(String line) {
    Matcher matcher = EXECUTABLE.matcher(line);
    return matcher.matches()
        ? new Mapping(
            Long.parseUnsignedLong(matcher.group(1), 16),
            Long.parseUnsignedLong(matcher.group(2), 16),
            Long.parseUnsignedLong(matcher.group(3), 16),
            matcher.group(4),
            Long.parseUnsignedLong(matcher.group(5)),
            matcher.group(6))
        : null;
  }

  boolean holds(long address) {
    return Long.compareUnsigned(begin, address) <= 0 && Long.compareUnsigned(address, end) < 0;
  }

  /** As an offset in the file. */
  long fileOffset(long address) {
    return address - begin + offset;
  }
}
