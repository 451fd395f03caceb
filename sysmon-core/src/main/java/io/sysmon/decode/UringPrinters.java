package io.sysmon.decode;

import java.util.Map;

/** Printers of what io_uring(7) is set up with: linux/io_uring.h, the same on every ABI. */
final class UringPrinters {
  private static final int PARAMETERS_SIZE = 120;
  private static final int ATTACH_WQ = 32;

  /** {@code REGISTER_BUFFERS REGISTER_FILES REGISTER_EVENTFD REGISTER_EVENTFD_ASYNC}. */
  private static final int BUFFERS = 0;

  private static final int FILES = 2;
  private static final int EVENT = 4;
  private static final int EVENT_ASYNC = 7;

  private static final String[] SUBMISSION_OFFSETS = {
    "head", "tail", "ring_mask", "ring_entries", "flags", "dropped", "array"
  };
  private static final String[] COMPLETION_OFFSETS = {
    "head", "tail", "ring_mask", "ring_entries", "overflow", "cqes", "flags"
  };

  private UringPrinters() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("io_uring_params", new Parameters());
    printers.put("io_uring_register_arg", UringPrinters::registered);
  }

  private static void registered(PrintContext context, Argument argument) {
    long address = context.register(argument);
    long count = context.reference(argument.kind(), "n", 0) & 0xffff_ffffL;
    switch ((int) context.reference(argument.kind(), "by", 0)) {
      case BUFFERS -> IovecPrinters.print(context, address, count, IovecPrinters.NO_DATA);
      case FILES -> DESCRIPTORS.array(context, address, count);
      case EVENT, EVENT_ASYNC -> DESCRIPTORS.array(context, address, 1);
      default -> context.address(address);
    }
  }

  private static final FixedStruct DESCRIPTORS =
      new FixedStruct(abi -> 4, (c, s) -> c.descriptor(s.i32(0)));

  /**
   * {@code struct io_uring_params}: what the program asks for, and what the kernel answers.
   *
   * <pre>{@code
   * sq_entries 0  cq_entries 4  flags 8  sq_thread_cpu 12  sq_thread_idle 16  features 20  wq_fd 24
   * resv 28:12  sq_off 40:40  cq_off 80:40
   * }</pre>
   */
  private static final class Parameters implements ArgumentPrinter {
    @Override
    public void print(PrintContext context, Argument argument) {
      StructBytes parameters = context.struct(context.register(argument), PARAMETERS_SIZE);
      if (parameters == null) {
        context.address(context.register(argument));
        return;
      }
      FieldText fields =
          new FieldText(context)
              .flags("flags", "io_uring_setup", parameters.u32(8))
              .hex("sq_thread_cpu", parameters.u32(12))
              .unsigned("sq_thread_idle", parameters.u32(16));
      if ((parameters.i32(8) & ATTACH_WQ) != 0) {
        fields.descriptor("wq_fd", parameters.i32(24));
      }
      if ((parameters.i32(28) | parameters.i32(32) | parameters.i32(36)) != 0) {
        fields.value("resv", c -> reserved(c, parameters));
      }
    }

    private static void reserved(PrintContext context, StructBytes parameters) {
      for (int offset = 28; offset < 40; offset += 4) {
        context.out.append(offset == 28 ? "[" : ", ");
        context.hex(parameters.u32(offset));
      }
      context.out.append(']');
    }

    @Override
    public boolean hasRest(PrintContext context, Argument argument) {
      return context.struct(context.register(argument), PARAMETERS_SIZE) != null;
    }

    @Override
    public void printRest(PrintContext context, Argument argument) {
      StructBytes parameters = context.struct(context.register(argument), PARAMETERS_SIZE);
      if (parameters != null && !context.failed()) {
        context.out.append(", sq_entries=").append(parameters.u32(0));
        context.out.append(", cq_entries=").append(parameters.u32(4)).append(", features=");
        context.flags("io_uring_features", parameters.u32(20));
        context.out.append(", sq_off=");
        offsets(context, parameters, 40, SUBMISSION_OFFSETS);
        context.out.append(", cq_off=");
        offsets(context, parameters, 80, COMPLETION_OFFSETS);
      }
      context.out.append('}');
    }

    /** Seven offsets, then what is reserved. */
    private static void offsets(
        PrintContext context, StructBytes parameters, int begin, String... names) {
      FieldText fields = new FieldText(context);
      for (int index = 0; index < names.length; index++) {
        fields.unsigned(names[index], parameters.u32(begin + 4 * index));
      }
      fields.hexIfSet("resv1", parameters.u32(begin + 28));
      fields.hexIfSet("resv2", parameters.i64(begin + 32));
      fields.end();
    }
  }
}
