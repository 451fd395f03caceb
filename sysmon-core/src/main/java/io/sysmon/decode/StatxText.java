package io.sysmon.decode;

/** {@code struct statx}, linux/stat.h, as text. */
final class StatxText {
  private static final long TYPE_OR_MODE = 0x3;
  private static final long LINKS = 0x4;
  private static final long UID = 0x8;
  private static final long GID = 0x10;
  private static final long ACCESSED = 0x20;
  private static final long MODIFIED = 0x40;
  private static final long CHANGED = 0x80;
  private static final long INODE = 0x100;
  private static final long FILE_SIZE = 0x200;
  private static final long BLOCKS = 0x400;
  private static final long BORN = 0x800;

  private StatxText() {}

  /** What the mask says is there. */
  static void print(PrintContext context, FileStatx statx) {
    boolean whole = context.options.isVerbose();
    long mask = statx.mask().value();
    FieldText fields = new FieldText(context).text("stx_mask", statx.mask());
    if (whole) {
      fields.unsigned("stx_blksize", statx.blockSize());
    }
    fields.text("stx_attributes", statx.attributes());
    if (whole) {
      owner(fields, statx, mask);
    }
    if ((mask & TYPE_OR_MODE) != 0) {
      fields.text("stx_mode", statx.mode());
    }
    if (whole && (mask & INODE) != 0) {
      fields.unsigned("stx_ino", statx.inode());
    }
    if ((mask & FILE_SIZE) != 0) {
      fields.unsigned("stx_size", statx.size());
    }
    if (whole) {
      rest(fields, statx, mask);
    } else {
      fields.more();
    }
    fields.end();
  }

  private static void owner(FieldText fields, FileStatx statx, long mask) {
    if ((mask & LINKS) != 0) {
      fields.unsigned("stx_nlink", statx.links());
    }
    if ((mask & UID) != 0) {
      fields.id("stx_uid", (int) statx.uid());
    }
    if ((mask & GID) != 0) {
      fields.id("stx_gid", (int) statx.gid());
    }
  }

  private static void rest(FieldText fields, FileStatx statx, long mask) {
    if ((mask & BLOCKS) != 0) {
      fields.unsigned("stx_blocks", statx.blocks());
    }
    fields.text("stx_attributes_mask", statx.attributesMask());
    time(fields, "stx_atime", statx.accessTime(), (mask & ACCESSED) != 0);
    time(fields, "stx_btime", statx.birthTime(), (mask & BORN) != 0);
    time(fields, "stx_ctime", statx.changeTime(), (mask & CHANGED) != 0);
    time(fields, "stx_mtime", statx.modificationTime(), (mask & MODIFIED) != 0);
    fields
        .unsigned("stx_rdev_major", statx.specialMajor())
        .unsigned("stx_rdev_minor", statx.specialMinor())
        .unsigned("stx_dev_major", statx.deviceMajor())
        .unsigned("stx_dev_minor", statx.deviceMinor());
  }

  private static void time(FieldText fields, String name, TimeSpec time, boolean isThere) {
    if (isThere) {
      fields.value(
          name,
          c -> {
            c.out.append(time);
            TimePrinters.comment(c, time.seconds(), time.nanos(), 9);
          });
    }
  }
}
