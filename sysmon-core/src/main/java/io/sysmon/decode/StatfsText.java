package io.sysmon.decode;

/** {@code struct statfs} as text. */
final class StatfsText {
  /** The kernel fills the flags in; before 2.6.36 it did not. */
  private static final long ST_VALID = 0x20;

  private StatfsText() {}

  static void print(PrintContext context, StatFs statfs) {
    StringBuilder out = context.out.append("{f_type=").append(statfs.type());
    field(out, "bsize", statfs.blockSize());
    field(out, "blocks", statfs.blocks());
    field(out, "bfree", statfs.freeBlocks());
    field(out, "bavail", statfs.availableBlocks());
    field(out, "files", statfs.files());
    field(out, "ffree", statfs.freeFiles());
    out.append(", f_fsid={val=[");
    context.hex(statfs.id() & 0xffff_ffffL);
    out.append(", ");
    context.hex(statfs.id() >>> 32);
    out.append("]}");
    field(out, "namelen", statfs.nameLength());
    field(out, "frsize", statfs.fragmentSize());
    if ((statfs.flags().value() & ST_VALID) != 0) {
      out.append(", f_flags=").append(statfs.flags());
    }
    out.append('}');
  }

  private static void field(StringBuilder out, String name, long value) {
    out.append(", f_").append(name).append('=').append(Long.toUnsignedString(value));
  }
}
