package io.sysmon.decode;

import java.util.Map;

/** Printers of what file system calls fill: stat, statx, statfs, directory entries, names. */
final class FilePrinters {
  private static final int S_IFMT = 0170000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFBLK = 0060000;
  private static final int STATX_SIZE = 256;
  private static final int DIRENT_RECLEN_OFFSET = 16;

  private FilePrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("stat", new FixedStruct(FilePrinters::statSize, FilePrinters::stat));
    types.put(
        "stat64",
        new FixedStruct(
            abi -> 96,
            (c, s) -> {
              if (c.options.isVerbose()) {
                StatText.compat(c, s);
              } else {
                stat(c, s.i32(16), s.i64(32), s.i64(44));
              }
            }));
    types.put(
        "oldstat", new FixedStruct(abi -> 32, (c, s) -> stat(c, s.u16(4), s.u16(12), s.i32(16))));
    types.put("statx", new FixedStruct(abi -> STATX_SIZE, FilePrinters::statx));
    types.put("statfs", new FixedStruct(abi -> abi.wordSize() == 4 ? 64 : 120, StatfsText::word));
    types.put("statfs64", new FixedStruct(abi -> 84, StatfsText::wide));
    types.put("dirents64", (c, k, a) -> dirents(c, k, a, DIRENT_RECLEN_OFFSET));
    types.put("dirents", (c, k, a) -> dirents(c, k, a, 2 * c.abi.wordSize()));
    types.put("path_buffer", FilePrinters::pathBuffer);
    types.put("flock", new FixedStruct(FilePrinters::flockSize, (c, s) -> flock(c, s, false)));
    types.put("flock_got", new FixedStruct(FilePrinters::flockSize, (c, s) -> flock(c, s, true)));
    types.put("open_how", new FixedStruct(abi -> 24, FilePrinters::openHow));
  }

  private static int statSize(AbiLayout abi) {
    if (abi == AbiLayout.AARCH64) {
      return 128;
    }
    return abi.registerSize() == 4 ? 64 : 144;
  }

  /**
   * {@code struct stat} of asm/stat.h.
   *
   * <pre>{@code
   * x86_64   dev 0  ino 8  nlink 16  mode 24  uid 28   gid 32   rdev 40  size 48
   * aarch64  dev 0  ino 8  mode 16   nlink 20 uid 24   gid 28   rdev 32  size 48
   * i386     dev 0  ino 4  mode 8:2  nlink 10 uid 12:2 gid 14:2 rdev 16  size 20:4
   * }</pre>
   */
  private static void stat(PrintContext context, StructBytes stat) {
    if (context.options.isVerbose() && context.abi.registerSize() == 8) {
      StatText.print(context, stat);
    } else if (context.abi == AbiLayout.AARCH64) {
      stat(context, stat.i32(16), stat.i64(32), stat.i64(48));
    } else if (context.abi.registerSize() == 4) {
      stat(context, stat.u16(8), stat.u32(16), stat.u32(20));
    } else {
      stat(context, stat.i32(24), stat.i64(40), stat.i64(48));
    }
  }

  private static void stat(PrintContext context, int mode, long device, long size) {
    context.out.append("{st_mode=");
    ScalarPrinters.fileMode(context, mode & 0xffff);
    deviceOrSize(context, mode, device, size);
    context.out.append(", ...}");
  }

  static void deviceOrSize(PrintContext context, int mode, long device, long size) {
    if ((mode & S_IFMT) == S_IFCHR || (mode & S_IFMT) == S_IFBLK) {
      context.out.append(", st_rdev=");
      ScalarPrinters.device(context, device);
    } else {
      context.out.append(", st_size=").append(size);
    }
  }

  /**
   * linux/stat.h.
   *
   * <pre>{@code
   * mask 0:4  blksize 4:4  attributes 8:8  nlink 16:4  uid 20:4  gid 24:4  mode 28:2  ino 32:8
   * size 40:8  ...
   * }</pre>
   */
  private static void statx(PrintContext context, StructBytes statx) {
    context.out.append("{stx_mask=");
    context.flags("statx_mask", statx.u32(0));
    context.out.append(", stx_attributes=");
    context.flags("statx_attributes", statx.i64(8));
    context.out.append(", stx_mode=");
    ScalarPrinters.fileMode(context, statx.u16(28));
    context.out.append(", stx_size=").append(Long.toUnsignedString(statx.i64(40)));
    context.out.append(", ...}");
  }

  /** The address and the number of entries. */
  private static void dirents(PrintContext context, Kind kind, long address, int lengthOffset) {
    int length = (int) Math.min(PrintContext.MAX_BYTES, context.reference(kind, "len", 0));
    byte[] bytes = context.bytes(address, length);
    context.address(address);
    if (bytes == null) {
      return;
    }
    StructBytes entries = new StructBytes(bytes, 0, context.abi);
    int count = 0;
    int offset = 0;
    while (offset + lengthOffset + 2 <= length) {
      int entryLength = entries.u16(offset + lengthOffset);
      if (entryLength == 0) {
        break;
      }
      count++;
      offset += entryLength;
    }
    context.out.append(" /* ").append(count).append(" entries */");
  }

  /** What getcwd(2) returns counts the NUL. */
  private static void pathBuffer(PrintContext context, Kind kind, long address) {
    long length = context.reference(kind, "len", 0);
    if (length <= 0) {
      StringPrinters.string(context, address, PrintContext.PATH_MAX - 1);
      return;
    }
    byte[] path = context.bytes(address, (int) Math.min(length - 1, PrintContext.PATH_MAX - 1));
    if (path == null) {
      context.address(address);
    } else {
      context.quote(path, 0, path.length);
    }
  }

  private static int flockSize(AbiLayout abi) {
    return abi.wordSize() == 8 ? 32 : 16;
  }

  /** {@code type 0:2 whence 2:2 start len pid:4}, the middle two words of the ABI. */
  private static void flock(PrintContext context, StructBytes lock, boolean withOwner) {
    int word = context.abi.wordSize();
    context.out.append("{l_type=");
    context.constant("lock_type", lock.u16(0));
    context.out.append(", l_whence=");
    context.constant("seek", lock.u16(2));
    int start = word == 8 ? 8 : 4;
    context.out.append(", l_start=").append(lock.signedWord(start));
    context.out.append(", l_len=").append(lock.signedWord(start + word));
    if (withOwner) {
      context.out.append(", l_pid=").append(lock.i32(start + 2 * word));
    }
    context.out.append('}');
  }

  private static void openHow(PrintContext context, StructBytes how) {
    long creating = 0x40;
    long temporary = 0x40_0000;
    context.out.append("{flags=");
    context.flags("open_flags", how.i64(0));
    if ((how.i64(0) & (creating | temporary)) != 0 || how.i64(8) != 0) {
      context.out.append(", mode=");
      context.octal(how.i64(8));
    }
    context.out.append(", resolve=");
    context.flags("open_how_resolve", how.i64(16));
    context.out.append('}');
  }
}
