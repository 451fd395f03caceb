package io.sysmon.internal.engine;

import io.sysmon.internal.memory.Vdso;

/**
 * Where the tasks of one program can be parked.
 *
 * @param vdso the address of its vdso, or 0
 * @param tracer the pid by which it knows this JVM, or 0 when it is in another pid namespace
 */
record ParkingPlace(long vdso, int tracer) {
  private static final int SELF = (int) ProcessHandle.current().pid();

  static ParkingPlace of(int tid) {
    boolean knows = ProcStatus.isOfOwnPidNamespace() && ProcStatus.namespaceTids(tid).size() == 1;
    return new ParkingPlace(Vdso.address(tid), knows ? SELF : 0);
  }
}
