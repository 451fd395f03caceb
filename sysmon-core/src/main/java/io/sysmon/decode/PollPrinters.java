package io.sysmon.decode;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Printers of sets of descriptors to wait for, and of what select(2) and poll(2) found. */
final class PollPrinters {
  private static final int POLLFD_SIZE = 8;
  private static final int REVENTS_OFFSET = 6;
  private static final long EPOLL_CTL_DEL = 2;

  /** {@code FD_SETSIZE}; the kernel takes more, no C library makes such sets. */
  private static final int MAX_FDS = 1024;

  private PollPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("pollfd", new FixedStruct(abi -> POLLFD_SIZE, PollPrinters::pollfd));
    types.put("fd_set", PollPrinters::fdSet);
    types.put("epoll_event", PollPrinters::epoll);
  }

  private static void pollfd(PrintContext context, StructBytes poll) {
    context.out.append("{fd=");
    context.descriptor(poll.i32(0));
    if (poll.i32(0) >= 0) {
      context.out.append(", events=");
      context.flags("poll_events", poll.u16(4));
    }
    context.out.append('}');
  }

  private static void epoll(PrintContext context, Kind kind, long address) {
    if (kind.reference("by") != null && context.reference(kind, "by", 0) == EPOLL_CTL_DEL) {
      context.address(address);
    } else {
      EPOLL_EVENT.print(context, kind, address);
    }
  }

  /** Packed on x86: {@code events 0:4 data 4:8}; elsewhere the data is aligned to 8. */
  private static final FixedStruct EPOLL_EVENT =
      new FixedStruct(
          abi -> abi == AbiLayout.AARCH64 ? 16 : 12,
          (context, event) -> {
            int data = context.abi == AbiLayout.AARCH64 ? 8 : 4;
            context.out.append("{events=");
            context.flags("epoll_events", event.u32(0));
            context.out.append(", data={u32=").append(event.u32(data));
            context
                .out
                .append(", u64=")
                .append(Long.toUnsignedString(event.i64(data)))
                .append("}}");
          });

  private static void fdSet(PrintContext context, Kind kind, long address) {
    fdSet(context, address, (int) context.reference(kind, "n", 0), false);
  }

  /** What is returned are numbers only: they have been told of among the arguments. */
  private static void fdSet(PrintContext context, long address, int descriptors, boolean isResult) {
    StructBytes set = fdSetBytes(context, address, descriptors);
    if (set == null) {
      context.address(address);
      return;
    }
    context.out.append('[');
    String separator = "";
    for (int fd = 0; fd < limit(descriptors); fd++) {
      if ((set.u8(fd / 8) >> fd % 8 & 1) != 0) {
        context.out.append(separator);
        if (isResult) {
          context.out.append(fd);
        } else {
          context.descriptor(fd);
        }
        separator = " ";
      }
    }
    context.out.append(']');
  }

  private static int limit(int descriptors) {
    return Math.max(0, Math.min(descriptors, MAX_FDS));
  }

  private static @Nullable StructBytes fdSetBytes(
      PrintContext context, long address, int descriptors) {
    int word = 8 * context.abi.wordSize();
    int words = (limit(descriptors) + word - 1) / word;
    return context.struct(address, words * context.abi.wordSize());
  }

  private static int size(PrintContext context, long address, int descriptors) {
    StructBytes set = fdSetBytes(context, address, descriptors);
    int size = 0;
    for (int fd = 0; set != null && fd < limit(descriptors); fd++) {
      size += set.u8(fd / 8) >> fd % 8 & 1;
    }
    return size;
  }

  /** Appends {@code (Timeout)} or {@code ([{fd=3, revents=POLLIN}])}. */
  static void pollResult(PrintContext context) {
    if (context.result() == 0) {
      context.out.append(" (Timeout)");
      return;
    }
    long address = context.call.register(0);
    long count = context.call.register(1) & 0xffff_ffffL;
    context.out.append(" ([");
    int shown = 0;
    for (long index = 0; index < Math.min(count, PrintContext.MAX_BYTES / POLLFD_SIZE); index++) {
      StructBytes poll = context.struct(address + index * POLLFD_SIZE, POLLFD_SIZE);
      if (poll == null) {
        break;
      }
      if (poll.u16(REVENTS_OFFSET) == 0) {
        continue;
      }
      context.out.append(shown == 0 ? "" : ", ");
      if (shown == context.options.stringLimit()) {
        context.out.append("...");
        break;
      }
      context.out.append("{fd=").append(poll.i32(0)).append(", revents=");
      context.flags("poll_events", poll.u16(REVENTS_OFFSET));
      context.out.append('}');
      shown++;
    }
    context.out.append(']');
    if (context.call.signature().arguments().size() > 3) {
      left(context, 2);
    }
    context.out.append(')');
  }

  /** Appends {@code (Timeout)} or {@code (in [3], left {tv_sec=0, tv_usec=5})}. */
  static void selectResult(PrintContext context) {
    if (context.result() == 0) {
      context.out.append(" (Timeout)");
      return;
    }
    if (context.call.signature().arguments().size() < 5) {
      return;
    }
    int descriptors = (int) context.call.register(0);
    int begin = context.out.length();
    String[] names = {"in ", "out ", "except "};
    long ready = context.result();
    for (int index = 0; index < names.length && ready > 0; index++) {
      long address = context.call.register(index + 1);
      int size = size(context, address, descriptors);
      ready -= size;
      if (size > 0) {
        context.out.append(context.out.length() == begin ? " (" : ", ").append(names[index]);
        fdSet(context, address, descriptors, true);
      }
    }
    if (context.out.length() > begin) {
      left(context, 4);
      context.out.append(')');
    }
  }

  /** Appends what the kernel left of the timeout. */
  private static void left(PrintContext context, int index) {
    long address = context.call.register(index);
    if (address != 0) {
      context.out.append(", left ");
      context.printPointed(context.argument(index).kind(), address);
    }
  }
}
