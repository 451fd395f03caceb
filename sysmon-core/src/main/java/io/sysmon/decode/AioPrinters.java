package io.sysmon.decode;

import java.util.Map;

/** Printers of the kernel's asynchronous I/O, linux/aio_abi.h: the same on every ABI. */
final class AioPrinters {
  private static final int CONTROL_BLOCK_SIZE = 64;
  private static final int EVENT_SIZE = 32;
  private static final int PREAD = 0;
  private static final int PWRITE = 1;
  private static final int POLL = 5;
  private static final int PREADV = 7;
  private static final int PWRITEV = 8;
  private static final int FLAG_RESFD = 1;
  private static final int FLAG_IOPRIO = 2;

  private AioPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("io_event", new FixedStruct(abi -> EVENT_SIZE, AioPrinters::event));
    types.put("iocb", new FixedStruct(abi -> CONTROL_BLOCK_SIZE, (c, s) -> header(c, s).end()));
    FixedStruct block = new FixedStruct(abi -> CONTROL_BLOCK_SIZE, AioPrinters::controlBlock);
    FixedStruct pointers =
        new FixedStruct(AbiLayout::wordSize, (c, s) -> block.print(c, Kind.HEX, s.word(0)));
    types.put("iocbs", AioPrinters.nonNegative(pointers));
  }

  /** A number of elements that is negative makes no array. */
  private static PointedPrinter nonNegative(FixedStruct elements) {
    return (context, kind, address) -> {
      long count = context.reference(kind, "n", 0);
      boolean negative = context.abi.registerSize() == 4 ? (int) count < 0 : count < 0;
      if (negative) {
        context.address(address);
      } else {
        elements.array(context, address, count);
      }
    };
  }

  private static void event(PrintContext context, StructBytes event) {
    new FieldText(context)
        .hex("data", event.i64(0))
        .hex("obj", event.i64(8))
        .signed("res", event.i64(16))
        .signed("res2", event.i64(24))
        .end();
  }

  /**
   * {@code struct iocb}.
   *
   * <pre>{@code
   * data 0:8  key 8  rw_flags 12  lio_opcode 16:2  reqprio 18:2  fildes 20  buf 24:8  nbytes 32:8
   * offset 40:8  reserved 48:8  flags 56  resfd 60
   * }</pre>
   */
  private static FieldText header(PrintContext context, StructBytes block) {
    FieldText fields = new FieldText(context).hex("aio_data", block.i64(0));
    if (block.i32(8) != 0) {
      fields.unsigned("aio_key", block.u32(8));
    }
    if (block.i32(12) != 0) {
      fields.flags("aio_rw_flags", "rwf", block.u32(12));
    }
    fields.value("aio_lio_opcode", c -> operation(c, block.u16(16)));
    if ((block.i32(56) & FLAG_IOPRIO) != 0) {
      fields.value("aio_reqprio", c -> ScalarPrinters.ioPriority(c, block.u16(18)));
    } else if (block.i16(18) != 0) {
      fields.signed("aio_reqprio", block.i16(18));
    }
    return fields.descriptor("aio_fildes", block.i32(20));
  }

  private static void operation(PrintContext context, int operation) {
    ConstantSet names = context.constants.get("aio_operation");
    if (names.isName(operation)) {
      names.appendValue(context.out, operation);
    } else {
      context.out.append(operation).append(" /* IOCB_CMD_??? */");
    }
  }

  private static void controlBlock(PrintContext context, StructBytes block) {
    FieldText fields = header(context, block);
    int operation = block.u16(16);
    long buffer = block.i64(24);
    long bytes = block.i64(32);
    switch (operation) {
      case PREAD, PWRITE -> {
        if (operation == PWRITE && bytes >= 0) {
          fields.value("aio_buf", c -> StringPrinters.buffer(c, buffer, bytes));
        } else {
          fields.hex("aio_buf", buffer);
        }
        flags(fields.unsigned("aio_nbytes", bytes).signed("aio_offset", block.i64(40)), block);
      }
      case PREADV, PWRITEV -> {
        if (bytes >= 0) {
          long budget = operation == PWRITEV ? Long.MAX_VALUE : IovecPrinters.NO_DATA;
          fields.value("aio_buf", c -> IovecPrinters.print(c, buffer, bytes, budget));
        } else {
          fields.hex("aio_buf", buffer).unsigned("aio_nbytes", bytes);
        }
        flags(fields.signed("aio_offset", block.i64(40)), block);
      }
      case POLL -> flags(fields.flags("aio_buf", "poll_events", buffer), block);
      default -> {
        // Nothing else is of the operation.
      }
    }
    fields.end();
  }

  private static void flags(FieldText fields, StructBytes block) {
    if (block.i32(56) != 0) {
      fields.flags("aio_flags", "aio_flags", block.u32(56));
    }
    if ((block.i32(56) & FLAG_RESFD) != 0) {
      fields.descriptor("aio_resfd", block.i32(60));
    } else {
      fields.hexIfSet("aio_resfd", block.u32(60));
    }
  }
}
