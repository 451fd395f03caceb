package io.sysmon.internal.engine;

import io.sysmon.decode.SyscallNumbers;
import io.sysmon.decode.SyscallSignature;
import java.util.List;
import java.util.Map;

/** Tells a few system calls by a mark of one's own, in constant time, in each ABI. Immutable. */
final class MarkedCalls {
  private final List<SyscallNumbers> abis;

  /** [abi][index], by {@link SyscallNumbers#index}. */
  private final byte[][] marks;

  /**
   * Looks the calls up.
   *
   * @param abis their tables
   * @param byName a mark, not 0, for each call's name; a name may have several numbers, or none
   */
  MarkedCalls(List<SyscallNumbers> abis, Map<String, Byte> byName) {
    this.abis = abis;
    marks = new byte[abis.size()][];
    for (int abi = 0; abi < marks.length; abi++) {
      SyscallNumbers calls = abis.get(abi);
      marks[abi] = new byte[calls.indexes()];
      for (SyscallSignature call : calls.all()) {
        marks[abi][calls.index(call.number())] = byName.getOrDefault(call.name(), (byte) 0);
      }
    }
  }

  /** The mark of the call that a task is about to make, as listeners have left it; or 0. */
  byte of(Task task) {
    return marks[task.abi][abis.get(task.abi).index(task.number)];
  }
}
