package io.sysmon.internal.sys;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The CPUs that a task may run on, sched_setaffinity(2). Immutable; its methods, any thread. */
public final class CpuMask {
  /** The most CPUs that Linux can be built for (NR_CPUS, arch/x86/Kconfig). */
  public static final int MOST = 8192;

  private static final int SIZE = MOST / Byte.SIZE;

  private static final int EINVAL = 22;

  private final BitSet cpus;

  private CpuMask(BitSet cpus) {
    this.cpus = cpus;
  }

  /** One CPU. */
  public static CpuMask of(int cpu) {
    BitSet one = new BitSet();
    one.set(cpu);
    return new CpuMask(one);
  }

  /**
   * What a task has.
   *
   * @param tid 0 for the calling thread
   * @return null when there is no such task
   */
  public static @Nullable CpuMask get(int tid) {
    OffHeap memory = new OffHeap(SIZE);
    if (Native.libc().sched_getaffinity(tid, SIZE, memory.address(0)) != 0) {
      return null;
    }
    byte[] bytes = new byte[SIZE];
    memory.buffer().get(0, bytes);
    return new CpuMask(BitSet.valueOf(bytes));
  }

  /** The CPU that the calling thread runs on. */
  public static int currentCpu() {
    return Native.libc().sched_getcpu();
  }

  /**
   * Gives it to a task. When none of its CPUs is left to the task (cpuset(7)), all are that it may
   * have.
   *
   * @param tid 0 for the calling thread
   * @return false when there is no such task, or it may not be
   */
  public boolean set(int tid) {
    if (set(tid, cpus)) {
      return true;
    }
    if (Native.errno() != EINVAL) {
      return false;
    }
    BitSet all = new BitSet();
    all.set(0, MOST);
    return set(tid, all);
  }

  private static boolean set(int tid, BitSet cpus) {
    OffHeap memory = new OffHeap(SIZE);
    memory.buffer().put(0, cpus.toByteArray());
    return Native.libc().sched_setaffinity(tid, SIZE, memory.address(0)) == 0;
  }

  /** Whether a CPU is in it. */
  public boolean contains(int cpu) {
    return cpus.get(cpu);
  }

  /** How many are in it. */
  public int count() {
    return cpus.cardinality();
  }

  /** The CPUs. */
  public int[] cpus() {
    return cpus.stream().toArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CpuMask mask && mask.cpus.equals(cpus);
  }

  @Override
  public int hashCode() {
    return cpus.hashCode();
  }

  @Override
  public String toString() {
    return cpus.toString();
  }
}
