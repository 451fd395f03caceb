package io.sysmon.decode;

/**
 * What statfs(2) tells of a file system: {@code struct statfs} of asm/statfs.h.
 *
 * <pre>{@code
 * type bsize blocks bfree bavail files ffree fsid[2]:4+4 namelen frsize flags
 * }</pre>
 *
 * Words of the ABI, but for {@code fsid}; in i386's {@code statfs64} the five counts have 64 bits.
 *
 * @param type which file system it is, {@code EXT4_SUPER_MAGIC} and so on
 * @param blockSize the bytes of a block
 * @param blocks how many blocks there are
 * @param freeBlocks how many of them are free
 * @param availableBlocks how many of those an ordinary user can take
 * @param files how many files there can be
 * @param freeFiles how many more there can be
 * @param id the file system's number, two halves of 32 bits, the first one low
 * @param nameLength the most bytes of a name
 * @param fragmentSize the bytes of a fragment
 * @param flags how it is mounted
 */
public record StatFs(
    Constant type,
    long blockSize,
    long blocks,
    long freeBlocks,
    long availableBlocks,
    long files,
    long freeFiles,
    long id,
    long nameLength,
    long fragmentSize,
    Flags flags) {
  static int size(AbiLayout abi) {
    return abi.registerSize() == 4 ? 64 : 120;
  }

  static StatFs of(StructBytes statfs) {
    return of(statfs, statfs.abi().registerSize());
  }

  /** {@code struct statfs64} of i386. */
  static StatFs wide(StructBytes statfs) {
    return of(statfs, 8);
  }

  private static StatFs of(StructBytes statfs, int countSize) {
    int word = statfs.abi().registerSize();
    int counts = 2 * word;
    int id = counts + 5 * countSize;
    int rest = id + 8;
    long[] count = new long[5];
    for (int index = 0; index < count.length; index++) {
      int offset = counts + index * countSize;
      count[index] = countSize == 8 ? statfs.i64(offset) : statfs.u32(offset);
    }
    return new StatFs(
        new Constant(statfs.u32(0), "filesystem_magic", statfs.abi()),
        statfs.kernelUlong(word),
        count[0],
        count[1],
        count[2],
        count[3],
        count[4],
        statfs.i64(id),
        statfs.kernelUlong(rest),
        statfs.kernelUlong(rest + word),
        statfs.flags("statfs_flags", statfs.kernelUlong(rest + 2 * word)));
  }
}
