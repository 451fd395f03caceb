package io.sysmon.decode;

import org.jspecify.annotations.Nullable;

/**
 * {@code siginfo_t} as text, sigaction(2). Which fields are there depends on signal and code.
 *
 * <pre>{@code
 * 0 signo  4 errno  8 code | 16 pid     20 uid     24 status  32 utime  40 stime   SIGCHLD
 *                          | 16 pid     20 uid     24 value                        sent
 *                          | 16 timerid 20 overrun 24 value                        timers
 *                          | 16 address            24 lower   32 upper             faults
 *                          | 16 band               24 fd                           SIGIO
 *                          | 16 call address       24 syscall 28 arch              SIGSYS
 * }</pre>
 *
 * <p>These are the offsets of 64-bit words; with 32-bit words the union begins at 12 and its words
 * have 4 bytes.
 */
final class SigInfoText {
  private static final int SI_USER = 0;
  private static final int SI_TIMER = -2;
  private static final int SI_SIGIO = -5;
  private static final int SI_TKILL = -6;
  private static final int CLD_EXITED = 1;
  private static final int SEGV_BNDERR = 3;
  private static final int SEGV_PKUERR = 4;
  private static final int BUS_MCEERR_AR = 4;
  private static final int BUS_MCEERR_AO = 5;

  private final PrintContext context;
  private final StructBytes info;
  private final int word;
  private final int union;

  private SigInfoText(PrintContext context, StructBytes info) {
    this.context = context;
    this.info = info;
    word = context.abi.wordSize();
    union = word == 8 ? 16 : 12;
  }

  static void print(PrintContext context, StructBytes info) {
    new SigInfoText(context, info).print();
  }

  private void print() {
    int signal = info.i32(0);
    int code = info.i32(8);
    if (signal == 0) {
      context.out.append("{}");
      return;
    }
    context.out.append("{si_signo=");
    ScalarPrinters.signal(context, signal);
    context.out.append(", si_code=");
    code(signal, code);
    if (info.i32(4) != 0) {
      context.out.append(", si_errno=");
      ErrnoText.name(context.out, info.i32(4));
    }
    if (code == SI_USER || code == SI_TKILL) {
      sender();
    } else if (code == SI_TIMER) {
      timer();
    } else if (code == SI_SIGIO) {
      inputOutput();
    } else if (code < 0) {
      sender();
      value();
    } else {
      bySignal(signal, code);
    }
    context.out.append('}');
  }

  private void code(int signal, int code) {
    ConstantSet own = context.constants.get("si_code_" + signal);
    if (own.isName(code)) {
      own.appendValue(context.out, code);
    } else {
      ScalarPrinters.constant(context, "si_code", code);
    }
  }

  private void bySignal(int signal, int code) {
    switch (signal) {
      case 17 -> child(code);
      case 4, 5, 7, 8, 11 -> fault(signal, code);
      case 31 -> systemCall();
      default -> {
        if (context.constants.get("si_code_" + signal).isName(code)) {
          inputOutput();
        } else {
          sent();
        }
      }
    }
  }

  private void sender() {
    context.out.append(", si_pid=").append(info.i32(union)).append(", si_uid=");
    ScalarPrinters.id(context, info.i32(union + 4));
  }

  private void sent() {
    if (info.i32(union) != 0 || info.i32(union + 4) != 0) {
      sender();
    }
    value();
  }

  private void value() {
    if (info.word(union + 8) != 0) {
      anyValue();
    }
  }

  private void anyValue() {
    context.out.append(", si_int=").append(info.i32(union + 8)).append(", si_ptr=");
    context.address(info.word(union + 8));
  }

  private void timer() {
    context.out.append(", si_timerid=");
    context.hex(info.u32(union));
    context.out.append(", si_overrun=").append(info.i32(union + 4));
    anyValue();
  }

  private void inputOutput() {
    context.out.append(", si_band=").append(info.signedWord(union));
    context.out.append(", si_fd=").append(info.i32(union + word));
  }

  private void child(int code) {
    int times = word == 8 ? 32 : 24;
    sender();
    context.out.append(", si_status=");
    if (code == CLD_EXITED) {
      context.out.append(info.i32(union + 8));
    } else {
      ScalarPrinters.signal(context, info.i32(union + 8));
    }
    context.out.append(", si_utime=");
    TimePrinters.ticks(context, info.word(times));
    context.out.append(", si_stime=");
    TimePrinters.ticks(context, info.word(times + word));
  }

  private void fault(int signal, int code) {
    context.out.append(", si_addr=");
    context.address(info.word(union));
    if (signal == 11 && code == SEGV_BNDERR) {
      context.out.append(", si_lower=");
      context.address(info.word(union + 2 * word));
      context.out.append(", si_upper=");
      context.address(info.word(union + 3 * word));
    } else if (signal == 11 && code == SEGV_PKUERR) {
      context.out.append(", si_pkey=").append(info.u32(union + 2 * word));
    } else if (signal == 7 && (code == BUS_MCEERR_AR || code == BUS_MCEERR_AO)) {
      context.out.append(", si_addr_lsb=").append(info.u16(union + word));
    }
  }

  private void systemCall() {
    int number = info.i32(union + word);
    int arch = info.i32(union + word + 4);
    context.out.append(", si_call_addr=");
    context.address(info.word(union));
    context.out.append(", si_syscall=");
    AuditArch known = AuditArch.of(arch);
    SyscallSignature call =
        known == null ? null : SyscallTable.get().abi(known.abi()).byNumber(number);
    if (call == null || !call.isKnown()) {
      context.out.append(number);
    } else {
      context.out.append("__NR_").append(call.name());
    }
    context.out.append(", si_arch=");
    if (arch == 0) {
      context.out.append("0 /* AUDIT_ARCH_??? */");
    } else {
      context.constant("audit_arch", Integer.toUnsignedLong(arch));
    }
  }

  /** The {@code AUDIT_ARCH_*} whose numbers the table has, linux/audit.h. */
  private enum AuditArch {
    X86_64(0xc000003e, "x86_64"),
    I386(0x40000003, "i386"),
    AARCH64(0xc00000b7, "aarch64");

    private final int value;
    private final String abi;

    AuditArch(int value, String abi) {
      this.value = value;
      this.abi = abi;
    }

    String abi() {
      return abi;
    }

    static @Nullable AuditArch of(int value) {
      for (AuditArch arch : values()) {
        if (arch.value == value) {
          return arch;
        }
      }
      return null;
    }
  }
}
