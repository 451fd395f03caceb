package io.sysmon.decode;

import java.util.Map;

/** Printers of what landlock(7) and mount_setattr(2) are told to restrict. */
final class SandboxPrinters {
  private static final int MOUNT_ATTRIBUTES_SIZE = 32;
  private static final int RULESET_SIZE = 8;
  private static final long MOUNT_ATTR_IDMAP = 0x10_0000;
  private static final int PATH_BENEATH = 1;

  private SandboxPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    FixedStruct mount = new FixedStruct(abi -> MOUNT_ATTRIBUTES_SIZE, SandboxPrinters::mount);
    types.put("mount_attr", (c, k, a) -> mount(c, k, a, mount));
    types.put("landlock_ruleset_attr", SandboxPrinters::ruleset);
    FixedStruct beneath = new FixedStruct(abi -> 12, SandboxPrinters::beneath);
    types.put(
        "landlock_rule_attr",
        (c, k, a) -> {
          if (c.reference(k, "by", 0) == PATH_BENEATH) {
            beneath.print(c, Kind.HEX, a);
          } else {
            c.address(a);
          }
        });
  }

  private static void mount(PrintContext context, Kind kind, long address, FixedStruct known) {
    long size = context.reference(kind, "len", 0);
    if (Long.compareUnsigned(size, MOUNT_ATTRIBUTES_SIZE) < 0) {
      context.address(address);
    } else {
      known.print(context, Kind.HEX, address);
    }
  }

  /** {@code attr_set attr_clr propagation userns_fd}, of 64 bits each. */
  private static void mount(PrintContext context, StructBytes mount) {
    long descriptor = mount.i64(24);
    FieldText fields =
        new FieldText(context)
            .flags("attr_set", "mount_attr", mount.i64(0))
            .flags("attr_clr", "mount_attr", mount.i64(8))
            .constant("propagation", "mount_propagation", mount.i64(16));
    boolean isMapped = ((mount.i64(0) | mount.i64(8)) & MOUNT_ATTR_IDMAP) != 0;
    if (isMapped && descriptor == (int) descriptor && descriptor >= 0) {
      fields.descriptor("userns_fd", (int) descriptor);
    } else {
      fields.unsigned("userns_fd", descriptor);
    }
    fields.end();
  }

  /** Newer programs restrict more than files. */
  private static void ruleset(PrintContext context, Kind kind, long address) {
    long size = context.reference(kind, "len", 0);
    boolean tooSmall = Long.compareUnsigned(size, RULESET_SIZE) < 0;
    StructBytes ruleset = tooSmall ? null : context.struct(address, RULESET_SIZE);
    if (ruleset == null) {
      context.address(address);
      return;
    }
    FieldText fields =
        new FieldText(context).flags("handled_access_fs", "landlock_access", ruleset.i64(0));
    if (size != RULESET_SIZE) {
      fields.more();
    }
    fields.end();
  }

  private static void beneath(PrintContext context, StructBytes rule) {
    new FieldText(context)
        .flags("allowed_access", "landlock_access", rule.i64(0))
        .descriptor("parent_fd", rule.i32(8))
        .end();
  }
}
