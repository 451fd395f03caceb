package io.sysmon.decode;

/**
 * {@code struct statfs}, asm/statfs.h: words of the ABI, but for {@code fsid}.
 *
 * <pre>{@code
 * type bsize blocks bfree bavail files ffree fsid[2]:4+4 namelen frsize flags
 * }</pre>
 *
 * In i386's {@code statfs64} the five counts have 64 bits.
 */
final class StatfsText {
  /** The kernel fills the flags in; before 2.6.36 it did not. */
  private static final long ST_VALID = 0x20;

  private StatfsText() {}

  static void word(PrintContext context, StructBytes statfs) {
    print(context, statfs, context.abi.wordSize());
  }

  static void wide(PrintContext context, StructBytes statfs) {
    print(context, statfs, 8);
  }

  private static void print(PrintContext context, StructBytes statfs, int countSize) {
    int word = context.abi.wordSize();
    StringBuilder out = context.out.append("{f_type=");
    context.constant("filesystem_magic", statfs.word(0) & 0xffff_ffffL);
    out.append(", f_bsize=").append(Long.toUnsignedString(statfs.word(word)));
    int offset = 2 * word;
    for (String name : new String[] {"blocks", "bfree", "bavail", "files", "ffree"}) {
      long count = countSize == 8 ? statfs.i64(offset) : statfs.u32(offset);
      out.append(", f_").append(name).append('=').append(Long.toUnsignedString(count));
      offset += countSize;
    }
    out.append(", f_fsid={val=[");
    context.hex(statfs.u32(offset));
    out.append(", ");
    context.hex(statfs.u32(offset + 4));
    offset += 8;
    out.append("]}, f_namelen=").append(Long.toUnsignedString(statfs.word(offset)));
    out.append(", f_frsize=").append(Long.toUnsignedString(statfs.word(offset + word)));
    long flags = statfs.word(offset + 2 * word);
    if ((flags & ST_VALID) != 0) {
      out.append(", f_flags=");
      context.flags("statfs_flags", flags);
    }
    out.append('}');
  }
}
