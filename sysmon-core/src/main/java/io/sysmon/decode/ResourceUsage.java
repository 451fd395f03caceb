package io.sysmon.decode;

/**
 * {@code struct rusage}, getrusage(2): sixteen words, those that Linux fills. Words of a kernel's
 * {@code long}.
 *
 * @param userTime spent in the program
 * @param systemTime spent in the kernel
 * @param maxResident the most memory that was resident, in KiB
 * @param minorFaults page faults without input
 * @param majorFaults page faults with input
 * @param blocksIn how often a file system had to read
 * @param blocksOut how often one had to write
 * @param voluntarySwitches how often it waited
 * @param involuntarySwitches how often it was made to wait
 */
public record ResourceUsage(
    TimeVal userTime,
    TimeVal systemTime,
    long maxResident,
    long minorFaults,
    long majorFaults,
    long blocksIn,
    long blocksOut,
    long voluntarySwitches,
    long involuntarySwitches) {
  private static final int WORDS = 18;

  static int size(AbiLayout abi) {
    return WORDS * abi.registerSize();
  }

  static ResourceUsage of(StructBytes usage) {
    int word = usage.abi().registerSize();
    return new ResourceUsage(
        TimeVal.of(usage, 0),
        TimeVal.of(usage, 2 * word),
        usage.kernelLong(4 * word),
        usage.kernelLong(8 * word),
        usage.kernelLong(9 * word),
        usage.kernelLong(11 * word),
        usage.kernelLong(12 * word),
        usage.kernelLong(16 * word),
        usage.kernelLong(17 * word));
  }
}
