package io.sysmon.decode;

import java.util.Map;
import java.util.function.BiConsumer;

/** Printers of what file system calls fill: stat, statfs, locks, names. */
final class FilePrinters {
  private FilePrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put(
        "stat", FixedStruct.of(FileStat.class, FileStat::size, FileStat::of, FilePrinters::stat));
    types.put(
        "stat64", FixedStruct.of(FileStat.class, abi -> 96, FileStat::wide, FilePrinters::stat64));
    types.put("oldstat", FixedStruct.of(FileStat.class, abi -> 32, FileStat::old, StatText::brief));
    types.put(
        "statx",
        FixedStruct.of(FileStatx.class, abi -> FileStatx.SIZE, FileStatx::of, StatxText::print));
    types.put("statfs", FixedStruct.of(StatFs.class, StatFs::size, StatFs::of, StatfsText::print));
    types.put("statfs64", FixedStruct.of(StatFs.class, abi -> 84, StatFs::wide, StatfsText::print));
    types.put(
        "path_buffer",
        new TypedPrinter(
            FilePrinters::pathBuffer,
            ValueReader.one(Bytes.class, (c, k, a) -> Bytes.owned(c.requireString(a)))));
    types.put("flock", lock((c, lock) -> lock(c, lock, false)));
    types.put("flock_got", lock((c, lock) -> lock(c, lock, true)));
    types.put(
        "open_how",
        FixedStruct.of(OpenHow.class, abi -> OpenHow.SIZE, OpenHow::of, FilePrinters::openHow));
  }

  private static PointedPrinter lock(BiConsumer<PrintContext, FileLock> text) {
    return FixedStruct.of(FileLock.class, FileLock::size, FileLock::of, text);
  }

  /** Verbose of the layouts of 64-bit ABIs only, as strace has it. */
  private static void stat(PrintContext context, FileStat stat) {
    if (context.options.isVerbose() && context.abi.registerSize() == 8) {
      StatText.full(context, stat);
    } else {
      StatText.brief(context, stat);
    }
  }

  private static void stat64(PrintContext context, FileStat stat) {
    if (context.options.isVerbose()) {
      StatText.full(context, stat);
    } else {
      StatText.brief(context, stat);
    }
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

  private static void lock(PrintContext context, FileLock lock, boolean withOwner) {
    StringBuilder out = context.out.append("{l_type=").append(lock.type());
    out.append(", l_whence=").append(lock.whence());
    out.append(", l_start=").append(lock.start()).append(", l_len=").append(lock.length());
    if (withOwner) {
      out.append(", l_pid=").append(lock.pid());
    }
    out.append('}');
  }

  private static void openHow(PrintContext context, OpenHow how) {
    long creating = 0x40;
    long temporary = 0x40_0000;
    context.out.append("{flags=").append(how.flags());
    if ((how.flags().value() & (creating | temporary)) != 0 || how.mode() != 0) {
      context.out.append(", mode=");
      context.octal(how.mode());
    }
    context.out.append(", resolve=").append(how.resolve()).append('}');
  }
}
