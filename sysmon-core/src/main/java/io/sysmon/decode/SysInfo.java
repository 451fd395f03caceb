package io.sysmon.decode;

/**
 * {@code struct sysinfo}, sysinfo(2). Sizes are in units of {@link #unit} bytes.
 *
 * <pre>{@code
 * uptime loads[3] totalram freeram sharedram bufferram totalswap freeswap procs:2
 * totalhigh (the 12th word) freehigh mem_unit:4
 * }</pre>
 *
 * @param uptime seconds since the start
 * @param load1 the load of the last minute, in units of 1/65536
 * @param load5 the load of the last five minutes
 * @param load15 the load of the last fifteen minutes
 * @param totalRam the memory that can be used
 * @param freeRam the memory that is free
 * @param sharedRam what is in shared memory
 * @param bufferRam what is in buffers
 * @param totalSwap the swap space
 * @param freeSwap the swap space that is free
 * @param processes how many tasks there are
 * @param totalHigh the high memory
 * @param freeHigh the high memory that is free
 * @param unit bytes
 */
public record SysInfo(
    long uptime,
    long load1,
    long load5,
    long load15,
    long totalRam,
    long freeRam,
    long sharedRam,
    long bufferRam,
    long totalSwap,
    long freeSwap,
    int processes,
    long totalHigh,
    long freeHigh,
    long unit) {
  static int size(AbiLayout abi) {
    return abi.registerSize() == 8 ? 112 : 64;
  }

  static SysInfo of(StructBytes info) {
    int word = info.abi().registerSize();
    return new SysInfo(
        info.kernelLong(0),
        info.kernelUlong(word),
        info.kernelUlong(2 * word),
        info.kernelUlong(3 * word),
        info.kernelUlong(4 * word),
        info.kernelUlong(5 * word),
        info.kernelUlong(6 * word),
        info.kernelUlong(7 * word),
        info.kernelUlong(8 * word),
        info.kernelUlong(9 * word),
        info.u16(10 * word),
        info.kernelUlong(11 * word),
        info.kernelUlong(12 * word),
        info.u32(13 * word));
  }
}
