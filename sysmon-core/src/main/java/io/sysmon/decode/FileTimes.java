package io.sysmon.decode;

/**
 * The two times of utimensat(2).
 *
 * @param access of the last access
 * @param modification of the last modification
 */
public record FileTimes(TimeSpec access, TimeSpec modification) {
  static FileTimes of(StructBytes bytes) {
    return new FileTimes(TimeSpec.of(bytes, 0), TimeSpec.of(bytes, 2 * bytes.abi().registerSize()));
  }

  static FileTimes wide(StructBytes bytes) {
    return new FileTimes(TimeSpec.wide(bytes, 0), TimeSpec.wide(bytes, 16));
  }
}
