package io.sysmon.decode;

import java.util.Map;

/** Printers of exit statuses, limits, usage and what the system says of itself. */
final class ProcessPrinters {
  /** Of {@code struct rusage}, after the times: a word each. */
  private static final String[] USAGE = {
    "maxrss",
    "ixrss",
    "idrss",
    "isrss",
    "minflt",
    "majflt",
    "nswap",
    "inblock",
    "oublock",
    "msgsnd",
    "msgrcv",
    "nsignals",
    "nvcsw",
    "nivcsw"
  };

  private ProcessPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put(
        "wait_status",
        FixedStruct.scalar(
            WaitStatus.class, abi -> 4, WaitStatus::of, (c, status) -> c.out.append(status)));
    types.put(
        "rusage",
        new FixedStruct(
            ResourceUsage::size,
            ProcessPrinters::usage,
            FixedStruct.reader(ResourceUsage.class, ResourceUsage::size, ResourceUsage::of)));
    types.put(
        "rlimit",
        FixedStruct.of(
            ResourceLimit.class, ResourceLimit::size, ResourceLimit::of, ProcessPrinters::limits));
    types.put(
        "rlimit64",
        FixedStruct.of(
            ResourceLimit.class,
            abi -> ResourceLimit.WIDE_SIZE,
            ResourceLimit::wide,
            (c, limit) -> limits(c, limit, "RLIM64_INFINITY")));
    types.put(
        "utsname",
        FixedStruct.of(UtsName.class, abi -> UtsName.SIZE, UtsName::of, ProcessPrinters::utsname));
    types.put(
        "sysinfo",
        FixedStruct.of(SysInfo.class, SysInfo::size, SysInfo::of, ProcessPrinters::sysinfo));
    types.put(
        "mq_attr", new FixedStruct(abi -> 8 * abi.wordSize(), ProcessPrinters::queueAttributes));
    types.put("sock_fprog", new FixedStruct(abi -> 2 * abi.wordSize(), ProcessPrinters::filter));
  }

  private static void usage(PrintContext context, StructBytes bytes) {
    ResourceUsage usage = ResourceUsage.of(bytes);
    StringBuilder out = context.out.append("{ru_utime=").append(usage.userTime());
    out.append(", ru_stime=").append(usage.systemTime());
    if (context.options.isVerbose()) {
      int word = bytes.abi().registerSize();
      for (int index = 0; index < USAGE.length; index++) {
        out.append(", ru_").append(USAGE[index]).append('=');
        out.append(Long.toUnsignedString(bytes.kernelLong((4 + index) * word)));
      }
    } else {
      out.append(", ...");
    }
    out.append('}');
  }

  private static void limits(PrintContext context, ResourceLimit limits) {
    boolean narrow = context.abi.registerSize() == 4;
    limits(context, limits, narrow ? "RLIM_INFINITY" : "RLIM64_INFINITY");
  }

  private static void limits(PrintContext context, ResourceLimit limits, String infinity) {
    context.out.append("{rlim_cur=");
    limit(context, limits.current(), infinity);
    context.out.append(", rlim_max=");
    limit(context, limits.maximum(), infinity);
    context.out.append('}');
  }

  private static void limit(PrintContext context, long value, String infinity) {
    if (value == ResourceLimit.INFINITY) {
      context.out.append(infinity);
    } else if (Long.compareUnsigned(value, 1024) > 0 && value % 1024 == 0) {
      context.out.append(Long.toUnsignedString(Long.divideUnsigned(value, 1024))).append("*1024");
    } else {
      context.out.append(Long.toUnsignedString(value));
    }
  }

  private static void utsname(PrintContext context, UtsName names) {
    context.out.append("{sysname=");
    names.system().quote(context);
    context.out.append(", nodename=");
    names.node().quote(context);
    if (!context.options.isVerbose()) {
      context.out.append(", ...}");
      return;
    }
    context.out.append(", release=");
    names.release().quote(context);
    context.out.append(", version=");
    names.version().quote(context);
    context.out.append(", machine=");
    names.machine().quote(context);
    context.out.append(", domainname=");
    names.domain().quote(context);
    context.out.append('}');
  }

  private static void sysinfo(PrintContext context, SysInfo info) {
    StringBuilder out = context.out.append("{uptime=").append(info.uptime());
    out.append(", loads=[").append(Long.toUnsignedString(info.load1()));
    out.append(", ").append(Long.toUnsignedString(info.load5()));
    out.append(", ").append(Long.toUnsignedString(info.load15())).append(']');
    size(out, "totalram", info.totalRam());
    size(out, "freeram", info.freeRam());
    size(out, "sharedram", info.sharedRam());
    size(out, "bufferram", info.bufferRam());
    size(out, "totalswap", info.totalSwap());
    size(out, "freeswap", info.freeSwap());
    out.append(", procs=").append(info.processes());
    size(out, "totalhigh", info.totalHigh());
    size(out, "freehigh", info.freeHigh());
    out.append(", mem_unit=").append(info.unit()).append('}');
  }

  private static void size(StringBuilder out, String name, long size) {
    out.append(", ").append(name).append('=').append(Long.toUnsignedString(size));
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
