package io.sysmon.decode;

/**
 * What stat(2) tells of a file: {@code struct stat} of asm/stat.h, in all of its layouts.
 *
 * <pre>{@code
 * x86_64   dev 0    ino 8   nlink 16:8  mode 24    uid 28   gid 32   rdev 40    size 48
 *          blksize 56:8 blocks 64   atime 72 ...
 * aarch64  dev 0    ino 8   mode 16     nlink 20:4 uid 24   gid 28   rdev 32    size 48
 *          blksize 56:4 blocks 64   atime 72 ...
 * stat64   dev 0:8  mode 16 nlink 20    uid 24     gid 28   rdev 32:8  size 44:8
 *          blksize 52   blocks 56:8 atime 64 ...  ino 88:8                            (i386)
 * stat     dev 0:4  ino 4:4 mode 8:2    nlink 10:2 uid 12:2 gid 14:2 rdev 16:4  size 20:4
 *          blksize 24   blocks 28   atime 32 ...                                      (i386)
 * oldstat  dev 0:2  ino 2:2 mode 4:2    nlink 6:2  uid 8:2  gid 10:2 rdev 12:2  size 16:4
 *          atime 20:4 mtime 24:4 ctime 28:4                                           (i386)
 * }</pre>
 *
 * @param device the file system's device number, which {@link #major} and {@link #minor} take apart
 * @param inode the number of the file in it
 * @param mode type and permissions
 * @param links how many names it has
 * @param uid the owner
 * @param gid the group
 * @param special of a device, its number
 * @param size in bytes
 * @param blockSize how many bytes are best read at once; 0 when the layout does not tell
 * @param blocks how many blocks of 512 bytes it takes; 0 when the layout does not tell
 * @param accessTime of the last access
 * @param modificationTime of the last change of its content
 * @param changeTime of the last change of what is told here
 */
public record FileStat(
    long device,
    long inode,
    FileMode mode,
    long links,
    long uid,
    long gid,
    long special,
    long size,
    long blockSize,
    long blocks,
    TimeSpec accessTime,
    TimeSpec modificationTime,
    TimeSpec changeTime) {

  /** The bytes of {@code struct stat}. */
  static int size(AbiLayout abi) {
    if (abi == AbiLayout.AARCH64) {
      return 128;
    }
    return abi.registerSize() == 4 ? 64 : 144;
  }

  static FileStat of(StructBytes stat) {
    if (stat.abi() == AbiLayout.AARCH64) {
      return of(stat, stat.i32(16), stat.u32(20), 24, stat.i64(32), stat.i32(56));
    } else if (stat.abi().registerSize() == 4) {
      return compat(stat);
    }
    return of(stat, stat.i32(24), stat.i64(16), 28, stat.i64(40), stat.i64(56));
  }

  private static FileStat of(
      StructBytes stat, int mode, long links, int ids, long special, long blockSize) {
    return new FileStat(
        stat.i64(0),
        stat.i64(8),
        new FileMode(mode),
        links,
        stat.u32(ids),
        stat.u32(ids + 4),
        special,
        stat.i64(48),
        blockSize,
        stat.i64(64),
        TimeSpec.wide(stat, 72),
        TimeSpec.wide(stat, 88),
        TimeSpec.wide(stat, 104));
  }

  private static FileStat compat(StructBytes stat) {
    return new FileStat(
        stat.u32(0),
        stat.u32(4),
        new FileMode(stat.u16(8)),
        stat.u16(10),
        stat.u16(12),
        stat.u16(14),
        stat.u32(16),
        stat.u32(20),
        stat.u32(24),
        stat.u32(28),
        narrow(stat, 32),
        narrow(stat, 40),
        narrow(stat, 48));
  }

  /** {@code struct stat64} of i386. */
  static FileStat wide(StructBytes stat) {
    return new FileStat(
        stat.i64(0),
        stat.i64(88),
        new FileMode(stat.i32(16)),
        stat.u32(20),
        stat.u32(24),
        stat.u32(28),
        stat.i64(32),
        stat.i64(44),
        stat.u32(52),
        stat.i64(56),
        narrow(stat, 64),
        narrow(stat, 72),
        narrow(stat, 80));
  }

  /** {@code struct __old_kernel_stat}. */
  static FileStat old(StructBytes stat) {
    return new FileStat(
        stat.u16(0),
        stat.u16(2),
        new FileMode(stat.u16(4)),
        stat.u16(6),
        stat.u16(8),
        stat.u16(10),
        stat.u16(12),
        stat.i32(16),
        0,
        0,
        new TimeSpec(stat.i32(20), 0),
        new TimeSpec(stat.i32(24), 0),
        new TimeSpec(stat.i32(28), 0));
  }

  private static TimeSpec narrow(StructBytes stat, int offset) {
    return new TimeSpec(stat.i32(offset), stat.u32(offset + 4));
  }

  /**
   * The driver in a device number, 12 bits of the kernel's encoding (linux/kdev_t.h).
   *
   * @param device {@link #device()} or {@link #special()}
   * @return its number
   */
  public static long major(long device) {
    return (device >>> 8 & 0xfff) | (device >>> 32 & 0xffff_f000L);
  }

  /**
   * The device among those of its driver.
   *
   * @param device {@link #device()} or {@link #special()}
   * @return its number
   */
  public static long minor(long device) {
    return (device & 0xff) | (device >>> 12 & 0xffff_ff00L);
  }
}
