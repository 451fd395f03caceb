package io.sysmon.decode;

/**
 * What statx(2) tells of a file: {@code struct statx} of linux/stat.h, the same in every ABI.
 *
 * <pre>{@code
 * mask 0:4    blksize 4:4  attributes 8:8  nlink 16:4  uid 20:4  gid 24:4  mode 28:2  ino 32:8
 * size 40:8   blocks 48:8  attributes_mask 56:8
 * atime 64    btime 80     ctime 96        mtime 112   each {sec:8 nsec:4 pad:4}
 * rdev_major 128:4  rdev_minor 132:4  dev_major 136:4  dev_minor 140:4  mnt_id 144:8
 * }</pre>
 *
 * @param mask which of the following are filled, {@code STATX_SIZE} and so on
 * @param blockSize how many bytes are best read at once
 * @param attributes what is particular about the file
 * @param attributesMask which attributes the file system can tell
 * @param links how many names it has
 * @param uid the owner
 * @param gid the group
 * @param mode type and permissions
 * @param inode the number of the file in its file system
 * @param size in bytes
 * @param blocks how many blocks of 512 bytes it takes
 * @param accessTime of the last access
 * @param birthTime of its making
 * @param changeTime of the last change of what is told here
 * @param modificationTime of the last change of its content
 * @param specialMajor of a device, the number of its driver
 * @param specialMinor of a device, its number among those of the driver
 * @param deviceMajor the file system's device
 * @param deviceMinor the file system's device
 * @param mount the number of the mount
 */
public record FileStatx(
    Flags mask,
    long blockSize,
    Flags attributes,
    Flags attributesMask,
    long links,
    long uid,
    long gid,
    FileMode mode,
    long inode,
    long size,
    long blocks,
    TimeSpec accessTime,
    TimeSpec birthTime,
    TimeSpec changeTime,
    TimeSpec modificationTime,
    long specialMajor,
    long specialMinor,
    long deviceMajor,
    long deviceMinor,
    long mount) {
  static final int SIZE = 256;

  static FileStatx of(StructBytes statx) {
    return new FileStatx(
        statx.flags("statx_mask", statx.u32(0)),
        statx.u32(4),
        statx.flags("statx_attributes", statx.i64(8)),
        statx.flags("statx_attributes", statx.i64(56)),
        statx.u32(16),
        statx.u32(20),
        statx.u32(24),
        new FileMode(statx.u16(28)),
        statx.i64(32),
        statx.i64(40),
        statx.i64(48),
        time(statx, 64),
        time(statx, 80),
        time(statx, 96),
        time(statx, 112),
        statx.u32(128),
        statx.u32(132),
        statx.u32(136),
        statx.u32(140),
        statx.i64(144));
  }

  private static TimeSpec time(StructBytes statx, int offset) {
    return new TimeSpec(statx.i64(offset), statx.u32(offset + 8));
  }
}
