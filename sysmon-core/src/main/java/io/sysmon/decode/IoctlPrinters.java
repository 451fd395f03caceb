package io.sysmon.decode;

import java.util.Map;
import java.util.Set;

/** ioctl(2): requests by name, and the argument of the common ones. */
final class IoctlPrinters {
  private static final Set<String> NO_ARGUMENT =
      Set.of("FIOCLEX", "FIONCLEX", "TIOCEXCL", "TIOCNXCL", "TIOCNOTTY", "TIOCSBRK", "TIOCCBRK");
  private static final Set<String> NUMBER =
      Set.of("TCSBRK", "TCSBRKP", "TCXONC", "TCFLSH", "TIOCSCTTY", "BTRFS_IOC_CLONE or FICLONE");
  private static final Set<String> INT_IN =
      Set.of("FIONBIO", "FIOASYNC", "TIOCSPGRP", "TIOCSPTLCK", "TIOCSETD", "TIOCPKT");
  private static final Set<String> INT_OUT =
      Set.of("FIONREAD", "TIOCGPGRP", "TIOCGSID", "TIOCGPTN", "TIOCOUTQ", "TIOCGETD", "TIOCGPTLCK");
  private static final Set<String> TERMIOS_IN =
      Set.of(
          "SNDCTL_TMR_START or TCSETS",
          "SNDCTL_TMR_STOP or TCSETSW",
          "SNDCTL_TMR_CONTINUE or TCSETSF");

  /** {@code NCCS} of the kernel. */
  private static final int CONTROL_CHARACTERS = 19;

  private IoctlPrinters() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("ioctl_request", (c, a) -> request(c, c.intValue(a)));
    printers.put("ioctl_arg", new IoctlArgument());
  }

  /**
   * The name, or the parts of the number, asm-generic/ioctl.h:
   *
   * <pre>{@code dir 30:2  size 16:14  type 8:8  nr 0:8}</pre>
   */
  private static void request(PrintContext context, int request) {
    String name = name(context, request);
    if (!name.isEmpty()) {
      context.out.append(name);
      return;
    }
    context.out.append("_IOC(");
    context.flags("ioctl_direction", request >>> 30);
    context.out.append(", ");
    context.hex(request >>> 8 & 0xff);
    context.out.append(", ");
    context.hex(request & 0xff);
    context.out.append(", ");
    context.hex(request >>> 16 & 0x3fff);
    context.out.append(')');
  }

  private static String name(PrintContext context, int request) {
    ConstantSet requests = context.constants.get("ioctl");
    long value = Integer.toUnsignedLong(request);
    if (!requests.isName(value)) {
      return "";
    }
    StringBuilder name = new StringBuilder();
    requests.appendValue(name, value);
    return name.toString();
  }

  private static void windowSize(PrintContext context, StructBytes size) {
    context.out.append("{ws_row=").append(size.u16(0));
    context.out.append(", ws_col=").append(size.u16(2));
    context.out.append(", ws_xpixel=").append(size.u16(4));
    context.out.append(", ws_ypixel=").append(size.u16(6)).append('}');
  }

  /** {@code iflag 0:4 oflag 4:4 cflag 8:4 lflag 12:4 line 16:1 cc 17:19}. */
  private static void termios(PrintContext context, StructBytes termios) {
    String[] names = {"iflag", "oflag", "cflag", "lflag"};
    for (int index = 0; index < names.length; index++) {
      context.out.append(index == 0 ? "{c_" : ", c_").append(names[index]).append('=');
      long flags = termios.u32(4 * index);
      ConstantSet set = context.constants.get("termios_" + names[index]);
      boolean onlyFields = (flags & ~set.fieldMask()) == 0;
      if (flags != 0 || set.fieldMask() != 0) {
        set.appendFlags(context.out, flags);
      }
      context.out.append(onlyFields && set.fieldMask() != 0 ? "|" : "");
    }
    if (context.options.isVerbose()) {
      context.out.append(", c_line=");
      context.constant("termios_line", termios.u8(16));
      controlCharacters(context, termios);
    } else {
      context.out.append(", ...");
    }
    context.out.append('}');
  }

  private static void controlCharacters(PrintContext context, StructBytes termios) {
    ConstantSet names = context.constants.get("termios_cc");
    for (int index = 0; index < CONTROL_CHARACTERS; index++) {
      context.out.append(index == 0 ? ", c_cc=[[" : ", [");
      if (names.isName(index)) {
        names.appendValue(context.out, index);
      } else {
        context.out.append(index);
      }
      context.out.append("]=");
      context.hex(termios.u8(17 + index));
    }
    context.out.append(']');
  }

  static void registerTypes(Map<String, PointedPrinter> types) {
    types.put("winsize", new FixedStruct(abi -> 8, IoctlPrinters::windowSize));
    types.put("termios", new FixedStruct(abi -> 36, IoctlPrinters::termios));
  }

  private static final class IoctlArgument implements ArgumentPrinter {
    private static String name(PrintContext context, Argument argument) {
      int request = (int) context.reference(argument.kind(), "by", 0);
      return IoctlPrinters.name(context, request);
    }

    @Override
    public boolean isSkipped(PrintContext context, Argument argument) {
      return NO_ARGUMENT.contains(name(context, argument));
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      String name = name(context, argument);
      return name.equals("TCGETS") || name.equals("TIOCGWINSZ") || INT_OUT.contains(name);
    }

    @Override
    public void print(PrintContext context, Argument argument) {
      String name = name(context, argument);
      long address = context.register(argument);
      if (waitsForExit(context, argument) && context.failed()) {
        context.address(address);
      } else if (NUMBER.contains(name)) {
        context.out.append(context.intValue(argument));
      } else if (INT_IN.contains(name) || INT_OUT.contains(name)) {
        context.printPointed("int", address);
      } else if (name.equals("TIOCGWINSZ") || name.equals("TIOCSWINSZ")) {
        context.printPointed("winsize", address);
      } else if (name.equals("TCGETS") || TERMIOS_IN.contains(name)) {
        context.printPointed("termios", address);
      } else {
        context.hex(address);
      }
    }
  }
}
