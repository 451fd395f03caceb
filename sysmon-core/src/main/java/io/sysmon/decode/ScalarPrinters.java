package io.sysmon.decode;

import io.sysmon.Signal;
import java.util.Map;

/** Printers of arguments that are in a register and point nowhere. */
final class ScalarPrinters {
  private static final int S_IFMT = 0170000;

  private ScalarPrinters() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("int", (c, a) -> c.out.append(c.intValue(a)));
    printers.put("fd", (c, a) -> c.descriptor(c.intValue(a)));
    printers.put("pid", (c, a) -> c.out.append(c.intValue(a)));
    printers.put("uint", (c, a) -> c.out.append(Integer.toUnsignedLong(c.intValue(a))));
    printers.put("long", (c, a) -> c.out.append(c.signedWord(a)));
    printers.put("off", (c, a) -> c.out.append(c.signedWord(a)));
    printers.put("ulong", (c, a) -> c.out.append(Long.toUnsignedString(c.register(a))));
    printers.put("size", (c, a) -> c.out.append(Long.toUnsignedString(c.register(a))));
    printers.put("loff", (c, a) -> c.out.append(c.wideValue(a)));
    printers.put("loff2", (c, a) -> c.out.append(c.wideValue(a)));
    printers.put(
        "loff_hilo",
        (c, a) -> c.out.append(c.register(a) << 32 | (c.nextRegister(a) & 0xffff_ffffL)));
    printers.put("hex", (c, a) -> c.hex(c.register(a)));
    printers.put("hex32", (c, a) -> c.hex(Integer.toUnsignedLong(c.intValue(a))));
    printers.put("pgoff", (c, a) -> c.hex(c.register(a) << 12));
    printers.put("ptr", (c, a) -> c.address(c.register(a)));
    printers.put("dirfd", (c, a) -> dirfd(c, c.intValue(a)));
    printers.put("uid", (c, a) -> id(c, c.intValue(a)));
    printers.put("gid", (c, a) -> id(c, c.intValue(a)));
    printers.put("uid16", (c, a) -> id16(c, c.intValue(a) & 0xffff));
    printers.put("mode", (c, a) -> c.octal(c.intValue(a) & 0xffff));
    printers.put("file_mode", (c, a) -> fileMode(c, c.intValue(a) & 0xffff));
    printers.put("signal", (c, a) -> signal(c, c.intValue(a)));
    printers.put("dev", (c, a) -> device(c, Integer.toUnsignedLong(c.intValue(a))));
    printers.put("flags", (c, a) -> c.flags(a.kind().type(), flagBits(c, a)));
    printers.put("flags64", (c, a) -> c.flags(a.kind().type(), c.wideValue(a)));
    printers.put("enum", (c, a) -> constant(c, a));
    printers.put("sigmask", (c, a) -> SignalPrinters.set(c, c.register(a) & 0xffff_ffffL, 32));
    printers.put("sighandler", (c, a) -> SignalPrinters.handler(c, c.register(a)));
    printers.put("personality", (c, a) -> personality(c, c.intValue(a)));
    printers.put("ipc_key", (c, a) -> ipcKey(c, c.intValue(a)));
    printers.put("ipc_flags", (c, a) -> ipcFlags(c, a));
    printers.put("ipc_cmd", (c, a) -> ipcCommand(c, a));
    printers.put("ioprio", (c, a) -> ioPriority(c, c.intValue(a)));
    printers.put("keyring", (c, a) -> keyring(c, c.intValue(a)));
    printers.put("quotactl_cmd", (c, a) -> quotaCommand(c, c.intValue(a)));
    printers.put("mempolicy_mode", (c, a) -> memoryPolicy(c, c.intValue(a)));
    printers.put("memfd_flags", (c, a) -> memfdFlags(c, Integer.toUnsignedLong(c.intValue(a))));
    printers.put("kexec_flags", (c, a) -> kexecFlags(c, c.register(a)));
    printers.put("mount_flags", (c, a) -> mountFlags(c, Integer.toUnsignedLong(c.intValue(a))));
  }

  static void dirfd(PrintContext context, int fd) {
    if (fd == PrintContext.AT_FDCWD) {
      context.out.append("AT_FDCWD").append(context.currentDirectory());
    } else {
      context.descriptor(fd);
    }
  }

  /** A user or group; all bits set means "leave it as it is". */
  static void id(PrintContext context, int id) {
    if (id == -1) {
      context.out.append(-1);
    } else {
      context.out.append(Integer.toUnsignedLong(id));
    }
  }

  static void id16(PrintContext context, int id) {
    context.out.append(id == 0xffff ? -1 : id);
  }

  static void signal(PrintContext context, int number) {
    Signal signal = Signal.of(number);
    if (signal.exists()) {
      context.out.append(signal.name());
    } else {
      context.out.append(number);
    }
  }

  /** {@code S_IFREG|S_ISUID|0755}. */
  static void fileMode(PrintContext context, int mode) {
    int type = mode & S_IFMT;
    ConstantSet types = context.constants.get("file_type");
    if (type != 0) {
      if (types.isName(type)) {
        types.appendValue(context.out, type);
      } else {
        context.octal(type);
      }
      context.out.append('|');
    }
    int special = mode & 07000;
    if (special != 0) {
      context.flags("mode_bits", special);
      context.out.append('|');
    }
    context.octal(mode & 0777);
  }

  /** The kernel's encoding of a device number, 12 bits major and 20 minor, linux/kdev_t.h. */
  static void device(PrintContext context, long device) {
    long major = (device >>> 8 & 0xfff) | (device >>> 32 & 0xffff_f000L);
    long minor = (device & 0xff) | (device >>> 12 & 0xffff_ff00L);
    context.out.append("makedev(");
    context.hex(major);
    context.out.append(", ");
    context.hex(minor);
    context.out.append(')');
  }

  /** Flags are {@code int}s but for the few that C declares {@code unsigned long}. */
  private static long flagBits(PrintContext context, Argument argument) {
    return Integer.toUnsignedLong(context.intValue(argument));
  }

  private static void constant(PrintContext context, Argument argument) {
    constant(context, argument.kind().type(), context.intValue(argument));
  }

  /** The name of an {@code int}, whether the set has it signed or unsigned. */
  static void constant(PrintContext context, String set, int value) {
    ConstantSet constants = context.constants.get(set);
    boolean signed = constants.isName(value);
    constants.appendValue(context.out, signed ? value : Integer.toUnsignedLong(value));
  }

  static void personality(PrintContext context, int value) {
    if (value == -1) {
      context.out.append("0xffffffff");
    } else {
      context.flags("personality", Integer.toUnsignedLong(value));
    }
  }

  private static void ipcKey(PrintContext context, int key) {
    if (key == 0) {
      context.out.append("IPC_PRIVATE");
    } else {
      context.hex(Integer.toUnsignedLong(key));
    }
  }

  private static void ipcFlags(PrintContext context, Argument argument) {
    int value = context.intValue(argument);
    long bits = Integer.toUnsignedLong(value & ~0777);
    if (bits != 0) {
      context.flags(argument.kind().type(), bits);
      context.out.append('|');
    }
    context.octal(value & 0777);
  }

  private static void ipcCommand(PrintContext context, Argument argument) {
    int ipc64 = 0x100;
    int value = context.intValue(argument);
    if ((value & ipc64) != 0) {
      context.out.append("IPC_64|");
    }
    constant(context, argument.kind().type(), value & ~ipc64);
  }

  static void ioPriority(PrintContext context, int value) {
    context.out.append("IOPRIO_PRIO_VALUE(");
    constant(context, "ioprio_class", value >> 13 & 7);
    context.out.append(", ").append(value & 0x1fff).append(')');
  }

  private static void keyring(PrintContext context, int key) {
    ConstantSet special = context.constants.get("keyring");
    if (special.isName(key)) {
      special.appendValue(context.out, key);
    } else {
      context.out.append(key);
    }
  }

  private static void quotaCommand(PrintContext context, int value) {
    context.out.append("QCMD(");
    constant(context, "quota_command", value >>> 8);
    context.out.append(", ");
    constant(context, "quota_type", value & 0xff);
    context.out.append(')');
  }

  private static void memoryPolicy(PrintContext context, int value) {
    int flagBits = 0xe000;
    constant(context, "mempolicy_mode", value & ~flagBits);
    if ((value & flagBits) != 0) {
      context.out.append('|');
      context.flags("mempolicy_flags", value & flagBits);
    }
  }

  /** With {@code MFD_HUGETLB}, the top six bits are the logarithm of a page's size. */
  private static void memfdFlags(PrintContext context, long value) {
    long size = value >>> 26;
    context.flags("memfd", value & 0x3ff_ffffL);
    if (size != 0) {
      context.out.append('|').append(size).append("<<MFD_HUGE_SHIFT");
    }
  }

  private static void kexecFlags(PrintContext context, long value) {
    context.constant("kexec_arch", value & 0xffff_0000L);
    if ((value & ~0xffff_0000L) != 0) {
      context.out.append('|');
      context.flags("kexec_flags", value & ~0xffff_0000L);
    }
  }

  /** Old programs mark the flags with a magic number in the upper half, mount(2). */
  private static void mountFlags(PrintContext context, long value) {
    long magic = 0xc0ed_0000L;
    if ((value & 0xffff_0000L) == magic) {
      context.out.append("MS_MGC_VAL");
      if ((value & 0xffff) == 0) {
        return;
      }
      context.out.append('|');
      context.flags("mount_flags", value & 0xffff);
    } else {
      context.flags("mount_flags", value);
    }
  }
}
