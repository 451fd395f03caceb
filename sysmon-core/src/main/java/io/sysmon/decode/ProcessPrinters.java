package io.sysmon.decode;

import java.util.Map;

/** Printers of exit statuses, limits, usage and what the system says of itself. */
final class ProcessPrinters {
  private static final int UTSNAME_FIELD = 65;

  private ProcessPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("wait_status", FixedStruct.scalar(abi -> 4, (c, s) -> waitStatus(c, s.i32(0))));
    types.put("rusage", new FixedStruct(abi -> 18 * abi.wordSize(), ProcessPrinters::rusage));
    types.put("rlimit", new FixedStruct(abi -> 2 * abi.wordSize(), ProcessPrinters::rlimit));
    types.put("rlimit64", new FixedStruct(abi -> 16, (c, s) -> rlimit(c, s.i64(0), s.i64(8), -1)));
    types.put("utsname", new FixedStruct(abi -> 6 * UTSNAME_FIELD, ProcessPrinters::utsname));
    types.put("sysinfo", new FixedStruct(ProcessPrinters::sysinfoSize, ProcessPrinters::sysinfo));
    types.put(
        "mq_attr", new FixedStruct(abi -> 8 * abi.wordSize(), ProcessPrinters::queueAttributes));
    types.put("sock_fprog", new FixedStruct(abi -> 2 * abi.wordSize(), ProcessPrinters::filter));
  }

  /** wait(2): {@code {WIFEXITED(s) && WEXITSTATUS(s) == 0}}. */
  private static void waitStatus(PrintContext context, int status) {
    int event = status >>> 16;
    int low = status & 0xffff;
    int stopSignal = low >> 8;
    if (low == 0xffff) {
      context.out.append("{WIFCONTINUED(s)}");
    } else if ((low & 0xff) == 0x7f) {
      context.out.append("{WIFSTOPPED(s) && WSTOPSIG(s) == ");
      ScalarPrinters.signal(context, stopSignal & 0x7f);
      context.out.append((stopSignal & 0x80) == 0 ? "}" : " | 0x80}");
      low = 0;
    } else if ((low & 0x7f) == 0) {
      context.out.append("{WIFEXITED(s) && WEXITSTATUS(s) == ").append(stopSignal).append('}');
      low &= ~0xff00;
    } else {
      context.out.append("{WIFSIGNALED(s) && WTERMSIG(s) == ");
      ScalarPrinters.signal(context, low & 0x7f);
      context.out.append((low & 0x80) == 0 ? "}" : " && WCOREDUMP(s)}");
      low &= ~0xff;
    }
    if (event != 0) {
      context.out.append('|');
      context.constant("ptrace_event", event);
      context.out.append("<<16");
    }
    if (low != 0 && low != 0xffff) {
      context.out.append("|0x").append(Integer.toHexString(low));
    }
  }

  private static void rusage(PrintContext context, StructBytes usage) {
    int word = context.abi.wordSize();
    context.out.append("{ru_utime=");
    TimePrinters.append(context, usage.signedWord(0), "tv_usec", usage.signedWord(word));
    context.out.append(", ru_stime=");
    TimePrinters.append(context, usage.signedWord(2 * word), "tv_usec", usage.signedWord(3 * word));
    context.out.append(", ...}");
  }

  private static void rlimit(PrintContext context, StructBytes limit) {
    int word = context.abi.wordSize();
    rlimit(context, limit.word(0), limit.word(word), word == 4 ? 0xffff_ffffL : -1);
  }

  private static void rlimit(PrintContext context, long current, long maximum, long infinity) {
    context.out.append("{rlim_cur=");
    limit(context, current, infinity);
    context.out.append(", rlim_max=");
    limit(context, maximum, infinity);
    context.out.append('}');
  }

  private static void limit(PrintContext context, long value, long infinity) {
    if (value == infinity) {
      context.out.append(infinity == -1 ? "RLIM64_INFINITY" : "RLIM_INFINITY");
    } else if (Long.compareUnsigned(value, 1024) > 0 && value % 1024 == 0) {
      context.out.append(Long.toUnsignedString(Long.divideUnsigned(value, 1024))).append("*1024");
    } else {
      context.out.append(Long.toUnsignedString(value));
    }
  }

  private static void utsname(PrintContext context, StructBytes names) {
    context.out.append("{sysname=");
    name(context, names, 0);
    context.out.append(", nodename=");
    name(context, names, UTSNAME_FIELD);
    context.out.append(", ...}");
  }

  private static void name(PrintContext context, StructBytes names, int offset) {
    int length = 0;
    while (length < UTSNAME_FIELD - 1 && names.u8(offset + length) != 0) {
      length++;
    }
    context.quote(names.array(), names.begin() + offset, length);
  }

  private static int sysinfoSize(AbiLayout abi) {
    return abi.wordSize() == 8 ? 112 : 64;
  }

  private static void sysinfo(PrintContext context, StructBytes info) {
    int word = context.abi.wordSize();
    StringBuilder out = context.out.append("{uptime=").append(info.signedWord(0));
    out.append(", loads=[");
    for (int index = 1; index <= 3; index++) {
      out.append(index == 1 ? "" : ", ").append(Long.toUnsignedString(info.word(index * word)));
    }
    out.append(']');
    String[] sizes = {"totalram", "freeram", "sharedram", "bufferram", "totalswap", "freeswap"};
    for (int index = 0; index < sizes.length; index++) {
      long size = info.word((4 + index) * word);
      out.append(", ").append(sizes[index]).append('=').append(Long.toUnsignedString(size));
    }
    out.append(", procs=").append(info.u16(10 * word));
    int high = 11 * word;
    out.append(", totalhigh=").append(Long.toUnsignedString(info.word(high)));
    out.append(", freehigh=").append(Long.toUnsignedString(info.word(high + word)));
    out.append(", mem_unit=").append(info.u32(high + 2 * word)).append('}');
  }

  private static void queueAttributes(PrintContext context, StructBytes attributes) {
    int word = context.abi.wordSize();
    context.out.append("{mq_flags=");
    context.flags("mq_flags", attributes.word(0));
    context.out.append(", mq_maxmsg=").append(attributes.signedWord(word));
    context.out.append(", mq_msgsize=").append(attributes.signedWord(2 * word));
    context.out.append(", mq_curmsgs=").append(attributes.signedWord(3 * word)).append('}');
  }

  private static void filter(PrintContext context, StructBytes program) {
    context.out.append("{len=").append(program.u16(0)).append(", filter=");
    context.address(program.word(context.abi.wordSize()));
    context.out.append('}');
  }
}
