package io.sysmon.examples;

import io.sysmon.SyscallStop;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.decode.MemoryReader;

/**
 * What the printing of a call can ask the calling process for. Of a task that was killed meanwhile,
 * or that is not dumpable, nothing can be read.
 */
record CallMemory(SyscallStop call, Descriptors descriptors) implements MemoryReader {
  @Override
  public int read(long address, byte[] into, int offset, int length) {
    try {
      return call.memory().read(address, into, offset, length);
    } catch (TraceeDiedException | TracePermissionException e) {
      return 0;
    }
  }

  @Override
  public String descriptor(int descriptor) {
    return descriptors.describe(call.tid(), descriptor);
  }
}
