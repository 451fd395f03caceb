package io.sysmon.decode;

/** What registers hold, as wide and with the sign that the kernel sees. */
final class RegisterValues {
  private static final int PAGE_SHIFT = 12;

  private RegisterValues() {}

  static long number(CallContext context, Argument argument) {
    return switch (argument.kind().name()) {
      case "int",
          "fd",
          "dirfd",
          "pid",
          "signal",
          "socket_protocol",
          "sockopt_name",
          "keyring",
          "fcntl_cmd",
          "syslog_len" ->
          context.intValue(argument);
      case "uint",
          "hex32",
          "dev",
          "mknod_dev",
          "flags",
          "memfd_flags",
          "mount_flags",
          "clone_flags",
          "swap_flags",
          "seccomp_flags",
          "ipc_flags",
          "ipc_key",
          "ioctl_request",
          "personality" ->
          Integer.toUnsignedLong(context.intValue(argument));
      case "enum" -> constant(context, argument).value();
      case "uid", "gid" -> id(context.intValue(argument));
      case "uid16" -> id16(context.intValue(argument));
      case "mode", "file_mode", "open_mode" -> context.intValue(argument) & 0xffff;
      case "long", "off" -> context.signedWord(argument);
      case "loff", "loff2", "flags64" -> context.wideValue(argument);
      case "loff_hilo" ->
          context.register(argument) << 32 | (context.nextRegister(argument) & 0xffff_ffffL);
      case "pgoff" -> context.register(argument) << PAGE_SHIFT;
      case "sigmask" -> context.register(argument) & 0xffff_ffffL;
      default -> context.register(argument);
    };
  }

  static Constant constant(CallContext context, Argument argument) {
    return Constant.ofInt(context.intValue(argument), argument.kind().type(), context.abi);
  }

  /** A user or group; all bits set means "leave it as it is". */
  static long id(int id) {
    return id == -1 ? -1 : Integer.toUnsignedLong(id);
  }

  /** The same of i386's first calls. */
  static long id16(int id) {
    return (id & 0xffff) == 0xffff ? -1 : id & 0xffff;
  }
}
