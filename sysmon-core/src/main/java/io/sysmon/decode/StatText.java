package io.sysmon.decode;

/** All fields of {@code struct stat}, asm/stat.h, as text. */
final class StatText {
  private StatText() {}

  /**
   * Of a 64-bit ABI.
   *
   * <pre>{@code
   * x86_64   dev 0  ino 8  nlink 16:8  mode 24     uid 28  gid 32  rdev 40  size 48  blksize 56:8
   * aarch64  dev 0  ino 8  mode 16     nlink 20:4  uid 24  gid 28  rdev 32  size 48  blksize 56:4
   * both     blocks 64  atime 72  atime_nsec 80  mtime 88 ...
   * }</pre>
   */
  static void print(PrintContext context, StructBytes stat) {
    boolean isArm = context.abi == AbiLayout.AARCH64;
    int mode = stat.i32(isArm ? 16 : 24);
    int ids = isArm ? 24 : 28;
    begin(context, stat.i64(0), stat.i64(8));
    owner(context, mode, isArm ? stat.u32(20) : stat.i64(16), stat.i32(ids), stat.i32(ids + 4));
    blocks(context, isArm ? stat.i32(56) : stat.i64(56), stat.i64(64));
    FilePrinters.deviceOrSize(context, mode, stat.i64(isArm ? 32 : 40), stat.i64(48));
    time(context, "atime", stat.i64(72), stat.i64(80));
    time(context, "mtime", stat.i64(88), stat.i64(96));
    time(context, "ctime", stat.i64(104), stat.i64(112));
    context.out.append('}');
  }

  /**
   * {@code struct stat64} of i386.
   *
   * <pre>{@code
   * dev 0:8  mode 16  nlink 20  uid 24  gid 28  rdev 32:8  size 44:8  blksize 52  blocks 56:8
   * atime 64  atime_nsec 68  mtime 72 ...  ino 88:8
   * }</pre>
   */
  static void compat(PrintContext context, StructBytes stat) {
    int mode = stat.i32(16);
    begin(context, stat.i64(0), stat.i64(88));
    owner(context, mode, stat.u32(20), stat.i32(24), stat.i32(28));
    blocks(context, stat.u32(52), stat.i64(56));
    FilePrinters.deviceOrSize(context, mode, stat.i64(32), stat.i64(44));
    time(context, "atime", stat.i32(64), stat.u32(68));
    time(context, "mtime", stat.i32(72), stat.u32(76));
    time(context, "ctime", stat.i32(80), stat.u32(84));
    context.out.append('}');
  }

  private static void begin(PrintContext context, long device, long inode) {
    context.out.append("{st_dev=");
    ScalarPrinters.device(context, device);
    context.out.append(", st_ino=").append(Long.toUnsignedString(inode));
  }

  private static void owner(PrintContext context, int mode, long links, int uid, int gid) {
    context.out.append(", st_mode=");
    ScalarPrinters.fileMode(context, mode & 0xffff);
    context.out.append(", st_nlink=").append(links).append(", st_uid=");
    ScalarPrinters.id(context, uid);
    context.out.append(", st_gid=");
    ScalarPrinters.id(context, gid);
  }

  private static void blocks(PrintContext context, long size, long count) {
    context.out.append(", st_blksize=").append(size).append(", st_blocks=").append(count);
  }

  private static void time(PrintContext context, String name, long seconds, long nanos) {
    context.out.append(", st_").append(name).append('=').append(seconds);
    TimePrinters.comment(context, seconds, nanos, 9);
    context.out.append(", st_").append(name).append("_nsec=").append(nanos);
  }
}
