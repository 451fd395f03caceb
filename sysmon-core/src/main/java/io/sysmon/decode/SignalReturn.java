package io.sysmon.decode;

/**
 * sigreturn(2) and rt_sigreturn(2), which have no arguments: what is printed is the signal mask
 * that they restore, from the frame that the kernel has put on the stack for the handler.
 */
final class SignalReturn {
  private SignalReturn() {}

  static boolean is(SyscallSignature signature) {
    return signature.name().equals("rt_sigreturn") || signature.name().equals("sigreturn");
  }

  static void print(PrintContext context) {
    long stack = context.call.stackPointer();
    if (stack == 0) {
      return;
    }
    if (context.call.signature().name().equals("sigreturn")) {
      old(context, stack);
      return;
    }
    int offset = maskOffset(context.abi);
    StructBytes mask = offset < 0 ? null : context.struct(stack + offset, 8);
    if (mask == null) {
      context.address(stack);
    } else {
      print(context, mask.i64(0));
    }
  }

  private static void print(PrintContext context, long mask) {
    context.out.append("{mask=");
    context.out.append(new SignalSet(mask, 64));
    context.out.append('}');
  }

  /**
   * Where {@code uc_sigmask} is, from the stack pointer; negative when unknown. On x86 the
   * handler's return has taken the first word of the frame, {@code pretcode}.
   * arch/x86/include/asm/sigframe.h, arch/arm64/kernel/signal.c.
   *
   * <pre>
   * x86_64   uc_flags:8 uc_link:8 uc_stack:24 uc_mcontext:256 uc_sigmask
   * x32      uc_flags:4 uc_link:4 uc_stack:12 pad:4 uc_mcontext:256 uc_sigmask
   * i386     sig:4 pinfo:4 puc:4 info:128 uc_flags:4 uc_link:4 uc_stack:12 uc_mcontext:88 uc_sigmask
   * aarch64  info:128 uc_flags:8 uc_link:8 uc_stack:24 uc_sigmask
   * </pre>
   */
  private static int maskOffset(AbiLayout abi) {
    return switch (abi) {
      case X86_64 -> 296;
      case X32 -> 280;
      case I386 -> 248;
      case AARCH64 -> 168;
      default -> -1;
    };
  }

  /**
   * i386, whose restorer has also taken the second word of the frame, {@code sig}: {@code
   * sigcontext:88 fpstate_unused:624 extramask:4}. {@code oldmask} is the last word but one of the
   * {@code sigcontext}.
   */
  private static void old(PrintContext context, long stack) {
    StructBytes low = context.abi == AbiLayout.I386 ? context.struct(stack + 80, 4) : null;
    StructBytes high = low == null ? null : context.struct(stack + 712, 4);
    if (low == null || high == null) {
      context.address(stack);
    } else {
      print(context, high.u32(0) << 32 | low.u32(0));
    }
  }
}
