package io.sysmon.decode;

/** {@code struct stat} as text. */
final class StatText {
  private StatText() {}

  /** Type, permissions, and how large it is or which device. */
  static void brief(PrintContext context, FileStat stat) {
    context.out.append("{st_mode=").append(stat.mode());
    deviceOrSize(context, stat);
    context.out.append(", ...}");
  }

  /** All fields. */
  static void full(PrintContext context, FileStat stat) {
    StringBuilder out = context.out.append("{st_dev=");
    ScalarPrinters.device(context, stat.device());
    out.append(", st_ino=").append(Long.toUnsignedString(stat.inode()));
    out.append(", st_mode=").append(stat.mode());
    out.append(", st_nlink=").append(stat.links()).append(", st_uid=");
    ScalarPrinters.id(context, (int) stat.uid());
    out.append(", st_gid=");
    ScalarPrinters.id(context, (int) stat.gid());
    out.append(", st_blksize=").append(stat.blockSize());
    out.append(", st_blocks=").append(stat.blocks());
    deviceOrSize(context, stat);
    time(context, "atime", stat.accessTime());
    time(context, "mtime", stat.modificationTime());
    time(context, "ctime", stat.changeTime());
    out.append('}');
  }

  private static void deviceOrSize(PrintContext context, FileStat stat) {
    if (stat.mode().isDevice()) {
      context.out.append(", st_rdev=");
      ScalarPrinters.device(context, stat.special());
    } else {
      context.out.append(", st_size=").append(stat.size());
    }
  }

  private static void time(PrintContext context, String name, TimeSpec time) {
    context.out.append(", st_").append(name).append('=').append(time.seconds());
    TimePrinters.comment(context, time.seconds(), time.nanos(), 9);
    context.out.append(", st_").append(name).append("_nsec=").append(time.nanos());
  }
}
