package io.sysmon.decode;

import java.util.BitSet;
import java.util.Map;

/** Printers of scheduling parameters, sets of CPUs and capabilities. */
final class SchedulingPrinters {
  private static final int CAPABILITY_VERSION_3 = 0x20080522;
  private static final int CAPABILITY_VERSION_2 = 0x20071026;

  /** More than any kernel has CPUs for. */
  private static final int MAX_CPU_BYTES = 8192;

  /** {@code SCHED_ATTR_SIZE_VER0} and {@code VER1}, linux/sched/types.h. */
  private static final int ATTRIBUTES_SIZE_0 = 48;

  private static final int ATTRIBUTES_SIZE_1 = 56;
  private static final int KEEP_POLICY = 8;
  private static final int KEEP_PARAMS = 16;

  private SchedulingPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put(
        "sched_param",
        FixedStruct.scalar(
            Long.class, abi -> 4, s -> (long) s.i32(0), (c, priority) -> c.out.append(priority)));
    types.put("sched_attr", SchedulingPrinters::attributes);
    types.put(
        "cpu_set",
        new TypedPrinter(
            SchedulingPrinters::cpuSet,
            ValueReader.one(
                BitSet.class,
                (c, k, a) -> BitSet.valueOf(c.require(a, c.count(k, "len") & 0xffff_ffffL)))));
    types.put("cap_header", new FixedStruct(abi -> 8, SchedulingPrinters::capabilityHeader));
    types.put("cap_data", SchedulingPrinters::capabilities);
    types.put("sembuf", new FixedStruct(abi -> 6, SchedulingPrinters::semaphoreOperation));
  }

  /** {@code [0 1 2]}; the size is in bytes. */
  private static void cpuSet(PrintContext context, Kind kind, long address) {
    long size = context.reference(kind, "len", 0) & 0xffff_ffffL;
    byte[] bytes = size > MAX_CPU_BYTES ? null : context.bytes(address, (int) size);
    if (bytes == null) {
      context.address(address);
      return;
    }
    context.out.append('[');
    String separator = "";
    BitSet set = BitSet.valueOf(bytes);
    for (int cpu = set.nextSetBit(0); cpu >= 0; cpu = set.nextSetBit(cpu + 1)) {
      context.out.append(separator).append(cpu);
      separator = " ";
    }
    context.out.append(']');
  }

  /**
   * {@code struct sched_attr}. With {@code len} in its kind it is one that the kernel fills,
   * without it says itself how long it is.
   *
   * <pre>{@code
   * size 0  policy 4  flags 8:8  nice 16  priority 20  runtime 24:8  deadline 32:8  period 40:8
   * util_min 48  util_max 52
   * }</pre>
   */
  private static void attributes(PrintContext context, Kind kind, long address) {
    boolean isRead = kind.reference("len") == null;
    StructBytes first = context.struct(address, 4);
    long size = first == null ? 0 : first.u32(0);
    if (isRead && size == 0) {
      size = ATTRIBUTES_SIZE_0;
    }
    long room = isRead ? size : context.reference(kind, "len", 0) & 0xffff_ffffL;
    int known = (int) Math.min(room, ATTRIBUTES_SIZE_1);
    boolean hasFields = known >= ATTRIBUTES_SIZE_0;
    StructBytes attributes = hasFields ? context.struct(address, known) : first;
    if (attributes == null || (!isRead && room == 0)) {
      context.address(address);
      return;
    }
    FieldText fields = new FieldText(context).unsigned("size", attributes.u32(0));
    long printed = isRead ? known : Math.min(size, known);
    if (printed >= ATTRIBUTES_SIZE_0) {
      attributes(fields, attributes, isRead);
    }
    if (printed >= ATTRIBUTES_SIZE_1) {
      fields.unsigned("sched_util_min", attributes.u32(48));
      fields.unsigned("sched_util_max", attributes.u32(52));
    }
    if (isRead && size > known) {
      fields.more();
    }
    fields.end();
  }

  private static void attributes(FieldText fields, StructBytes attributes, boolean isRead) {
    long flags = attributes.i64(8);
    boolean keepsPolicy = isRead && (flags & (KEEP_POLICY | KEEP_PARAMS)) != 0;
    if (!keepsPolicy || attributes.i32(4) < 0) {
      fields.constant("sched_policy", "sched_policy", attributes.u32(4));
    }
    fields.flags("sched_flags", "sched_flags", flags);
    if (!isRead || (flags & KEEP_PARAMS) == 0) {
      fields
          .signed("sched_nice", attributes.i32(16))
          .unsigned("sched_priority", attributes.u32(20))
          .unsigned("sched_runtime", attributes.i64(24))
          .unsigned("sched_deadline", attributes.i64(32))
          .unsigned("sched_period", attributes.i64(40));
    }
  }

  private static void capabilityHeader(PrintContext context, StructBytes header) {
    context.out.append("{version=");
    context.constant("capability_version", header.u32(0));
    context.out.append(", pid=").append(header.i32(4)).append('}');
  }

  /** Three sets of 32 capabilities, and from version 2 on three more for those above. */
  private static void capabilities(PrintContext context, Kind kind, long address) {
    StructBytes header = context.struct(context.reference(kind, "by", 0), 8);
    int version = header == null ? 0 : header.i32(0);
    boolean wide = version == CAPABILITY_VERSION_2 || version == CAPABILITY_VERSION_3;
    StructBytes sets = context.struct(address, wide ? 24 : 12);
    if (sets == null) {
      context.address(address);
      return;
    }
    String[] names = {"{effective=", ", permitted=", ", inheritable="};
    for (int index = 0; index < names.length; index++) {
      context.out.append(names[index]);
      long low = sets.u32(4 * index);
      capabilitySet(context, wide ? sets.u32(12 + 4 * index) << 32 | low : low);
    }
    context.out.append('}');
  }

  private static void capabilitySet(PrintContext context, long bits) {
    ConstantSet names = context.constants.get("capability");
    long rest = bits;
    String separator = "";
    for (int number = 0; number < 64; number++) {
      if ((bits >>> number & 1) != 0 && names.isName(number)) {
        context.out.append(separator).append("1<<");
        names.appendValue(context.out, number);
        rest &= ~(1L << number);
        separator = "|";
      }
    }
    if (rest != 0 || bits == 0) {
      context.out.append(separator);
      context.hex(rest);
    }
  }

  private static void semaphoreOperation(PrintContext context, StructBytes operation) {
    context.out.append("{sem_num=").append(operation.u16(0));
    context.out.append(", sem_op=").append(operation.i16(2)).append(", sem_flg=");
    context.flags("sem_flags", operation.u16(4));
    context.out.append('}');
  }
}
