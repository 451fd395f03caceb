package io.sysmon.fault;

import io.sysmon.SyscallEnter;

/**
 * A call names a file.
 *
 * @param byDescriptor whether only descriptors count
 */
record PathCondition(boolean byDescriptor, PathPattern glob) implements CallCondition {
  @Override
  public boolean matches(SyscallEnter call) {
    return matches(new CallPaths(call));
  }

  /** The same for paths that were read before. */
  boolean matches(CallPaths paths) {
    return (!byDescriptor && paths.named().stream().anyMatch(glob::matches))
        || paths.described().stream().anyMatch(glob::matches);
  }

  @Override
  public String toString() {
    return (byDescriptor ? "fd=" : "path=") + glob;
  }
}
