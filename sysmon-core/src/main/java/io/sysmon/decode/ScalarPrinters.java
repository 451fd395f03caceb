package io.sysmon.decode;

import io.sysmon.Signal;
import java.util.List;
import java.util.Map;

/** Printers of arguments that are in a register and point nowhere. */
final class ScalarPrinters {
  private static final int S_IFMT = 0170000;

  private static final List<String> DECIMAL =
      List.of(
          "int", "uint", "long", "off", "loff", "loff2", "loff_hilo", "pid", "uid", "gid", "uid16");

  private ScalarPrinters() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    for (String kind : DECIMAL) {
      printers.put(kind, ScalarPrinters::number);
    }
    printers.put("fd", (c, a) -> c.descriptor(c.intValue(a)));
    printers.put("ulong", (c, a) -> c.out.append(Long.toUnsignedString(c.register(a))));
    printers.put("size", (c, a) -> c.out.append(Long.toUnsignedString(c.register(a))));
    printers.put("hex", (c, a) -> c.hex(c.register(a)));
    printers.put("hex32", (c, a) -> c.hex(RegisterValues.number(c, a)));
    printers.put("pgoff", (c, a) -> c.hex(RegisterValues.number(c, a)));
    printers.put("ptr", (c, a) -> c.address(c.register(a)));
    printers.put("dirfd", (c, a) -> dirfd(c, c.intValue(a)));
    printers.put("mode", (c, a) -> c.octal(RegisterValues.number(c, a)));
    printers.put("file_mode", (c, a) -> c.out.append(new FileMode(c.intValue(a))));
    printers.put("signal", (c, a) -> signal(c, c.intValue(a)));
    printers.put("dev", (c, a) -> device(c, RegisterValues.number(c, a)));
    printers.put("flags", (c, a) -> c.flags(a.kind().type(), RegisterValues.number(c, a)));
    printers.put("flags64", (c, a) -> c.flags(a.kind().type(), RegisterValues.number(c, a)));
    printers.put("enum", (c, a) -> c.out.append(RegisterValues.constant(c, a)));
    printers.put("sigmask", (c, a) -> c.out.append(new SignalSet(RegisterValues.number(c, a), 32)));
    printers.put("sighandler", (c, a) -> SignalPrinters.handler(c, c.register(a)));
    printers.put("personality", (c, a) -> personality(c, c.intValue(a)));
    printers.put("ipc_key", (c, a) -> ipcKey(c, c.intValue(a)));
    printers.put("ipc_flags", (c, a) -> ipcFlags(c, a));
    printers.put("ipc_cmd", (c, a) -> ipcCommand(c, a));
    printers.put("ioprio", (c, a) -> ioPriority(c, c.intValue(a)));
    printers.put("keyring", (c, a) -> keyring(c, c.intValue(a)));
    printers.put("quotactl_cmd", (c, a) -> quotaCommand(c, c.intValue(a)));
    printers.put("mempolicy_mode", (c, a) -> memoryPolicy(c, c.intValue(a)));
    printers.put("memfd_flags", (c, a) -> memfdFlags(c, RegisterValues.number(c, a)));
    printers.put("kexec_flags", (c, a) -> kexecFlags(c, c.register(a)));
    printers.put("mount_flags", (c, a) -> mountFlags(c, RegisterValues.number(c, a)));
  }

  static void dirfd(PrintContext context, int fd) {
    if (fd == PrintContext.AT_FDCWD) {
      context.out.append("AT_FDCWD").append(context.currentDirectory());
    } else {
      context.descriptor(fd);
    }
  }

  private static void number(PrintContext context, Argument argument) {
    context.out.append(RegisterValues.number(context, argument));
  }

  static void id(PrintContext context, int id) {
    context.out.append(RegisterValues.id(id));
  }

  static void signal(PrintContext context, int number) {
    signal(context.out, number);
  }

  static void signal(StringBuilder out, int number) {
    Signal signal = Signal.of(number);
    if (signal.exists()) {
      out.append(signal.name());
    } else {
      out.append(number);
    }
  }

  /** {@code S_IFREG|S_ISUID|0755}. */
  static String fileModeText(int mode) {
    StringBuilder out = new StringBuilder();
    ConstantSets constants = ConstantSets.of(AbiLayout.X86_64);
    int type = mode & S_IFMT;
    ConstantSet types = constants.get("file_type");
    if (types.isName(type) && type != 0) {
      types.appendValue(out, type);
      out.append('|');
    } else if (type != 0) {
      PrintContext.octal(out, type);
      out.append('|');
    }
    if ((mode & 07000) != 0) {
      constants.get("mode_bits").appendFlags(out, mode & 07000);
      out.append('|');
    }
    PrintContext.octal(out, mode & 0777);
    return out.toString();
  }

  /** The kernel's encoding of a device number, 12 bits major and 20 minor, linux/kdev_t.h. */
  static void device(PrintContext context, long device) {
    context.out.append("makedev(");
    context.hex(FileStat.major(device));
    context.out.append(", ");
    context.hex(FileStat.minor(device));
    context.out.append(')');
  }

  /** The name of an {@code int}, whether the set has it signed or unsigned. */
  static void constant(PrintContext context, String set, int value) {
    context.out.append(Constant.ofInt(value, set, context.abi));
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

  static void keyring(PrintContext context, int key) {
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
