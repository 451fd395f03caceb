package io.sysmon.decode;

import java.util.List;
import java.util.Map;

/** Printers of perf_event_open(2). */
final class PerfPrinters {
  /** {@code PERF_ATTR_SIZE_VER0}: with less, the kernel takes it for no structure at all. */
  private static final int FIRST_SIZE = 64;

  /** What comes after it is abbreviated. */
  private static final int PRINTED_SIZE = 48;

  private static final int HARDWARE = 0;
  private static final int SOFTWARE = 1;
  private static final int TRACEPOINT = 2;
  private static final int HW_CACHE = 3;
  private static final int FREQ_BIT = 10;
  private static final int PRECISE_IP_BIT = 15;
  private static final int FIRST_RESERVED_BIT = 38;

  /** Of the 64 bits from the lowest on; {@code precise_ip} has two. */
  private static final List<String> BITS =
      List.of(
          "disabled",
          "inherit",
          "pinned",
          "exclusive",
          "exclude_user",
          "exclude_kernel",
          "exclude_hv",
          "exclude_idle",
          "mmap",
          "comm",
          "freq",
          "inherit_stat",
          "enable_on_exec",
          "task",
          "watermark",
          "precise_ip",
          "",
          "mmap_data",
          "sample_id_all",
          "exclude_host",
          "exclude_guest",
          "exclude_callchain_kernel",
          "exclude_callchain_user",
          "mmap2",
          "comm_exec",
          "use_clockid",
          "context_switch",
          "write_backward",
          "namespaces",
          "ksymbol",
          "bpf_event",
          "aux_output",
          "cgroup",
          "text_poke",
          "build_id",
          "inherit_thread",
          "remove_on_exec",
          "sigtrap");

  private static final List<String> PRECISE =
      List.of("arbitrary skid", "constant skid", "requested to have 0 skid", "must have 0 skid");

  private PerfPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("perf_event_attr", PerfPrinters::attributes);
  }

  private static void attributes(PrintContext context, Kind kind, long address) {
    StructBytes attributes = context.struct(address, PRINTED_SIZE);
    // No size is that of the first version.
    if (attributes == null || (attributes.i32(4) != 0 && attributes.u32(4) < FIRST_SIZE)) {
      context.address(address);
    } else {
      print(context, attributes);
    }
  }

  /**
   * {@code struct perf_event_attr}, linux/perf_event.h.
   *
   * <pre>{@code
   * type 0  size 4  config 8:8  sample_period 16:8  sample_type 24:8  read_format 32:8  bits 40:8
   * }</pre>
   */
  private static void print(PrintContext context, StructBytes attributes) {
    long bits = attributes.i64(40);
    FieldText fields =
        new FieldText(context)
            .constant("type", "perf_type", attributes.u32(0))
            .constant("size", "perf_attr_size", attributes.u32(4))
            .value("config", c -> config(c, attributes.i32(0), attributes.i64(8)))
            .unsigned(
                (bits >>> FREQ_BIT & 1) == 1 ? "sample_freq" : "sample_period", attributes.i64(16))
            .flags("sample_type", "perf_sample", attributes.i64(24))
            .flags("read_format", "perf_format", attributes.i64(32));
    for (int bit = 0; bit < FIRST_RESERVED_BIT; bit++) {
      if (bit == PRECISE_IP_BIT) {
        int precise = (int) (bits >>> bit & 3);
        fields.value(
            BITS.get(bit), c -> c.out.append(precise).append(comment(PRECISE.get(precise))));
        bit++;
      } else if ((bits >>> bit & 1) == 1) {
        fields.unsigned(BITS.get(bit), 1);
      }
    }
    if (bits >>> FIRST_RESERVED_BIT != 0) {
      fields.hex("__reserved_1", bits >>> FIRST_RESERVED_BIT);
      context.out.append(comment("Bits 63..38"));
    }
    fields.more().end();
  }

  private static String comment(String text) {
    return " /* " + text + " */";
  }

  private static void config(PrintContext context, int type, long config) {
    switch (type) {
      case HARDWARE -> {
        high(context, config);
        context.constant("perf_hardware", config & 0xffff_ffffL);
      }
      case SOFTWARE -> context.constant("perf_software", config);
      case TRACEPOINT -> context.out.append(Long.toUnsignedString(config));
      case HW_CACHE -> cache(context, config);
      default -> context.hex(config);
    }
  }

  /** The number of the CPU's unit is in the upper half. */
  private static void high(PrintContext context, long config) {
    if (config >>> 32 != 0) {
      context.hex(config >>> 32);
      context.out.append("<<32|");
    }
  }

  /** {@code unit 32:32 unused 24:8 result 16:8 operation 8:8 cache 0:8}. */
  private static void cache(PrintContext context, long config) {
    high(context, config);
    if ((config & 0xff00_0000L) != 0) {
      context.hex((config & 0xffff_ffffL) >>> 24);
      context.out.append("<<24|");
    }
    context.constant("perf_cache_result", config >>> 16 & 0xff);
    context.out.append("<<16|");
    context.constant("perf_cache_operation", config >>> 8 & 0xff);
    context.out.append("<<8|");
    context.constant("perf_cache", config & 0xff);
  }
}
