package io.sysmon.decode;

import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Printers of sets of descriptors to wait for, and of what select(2) and poll(2) found. */
final class PollPrinters {
  private static final long EPOLL_CTL_DEL = 2;

  /** {@code FD_SETSIZE}; the kernel takes more, no C library makes such sets. */
  private static final int MAX_FDS = 1024;

  private PollPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put(
        "pollfd",
        FixedStruct.of(PollFd.class, abi -> PollFd.SIZE, PollFd::of, PollPrinters::pollfd));
    types.put(
        "fd_set",
        new TypedPrinter(
            PollPrinters::fdSet, ValueReader.one(BitSet.class, PollPrinters::requireFdSet)));
    types.put("epoll_event", new TypedPrinter(PollPrinters::epoll, EPOLL_EVENT.reader()));
  }

  private static void pollfd(PrintContext context, PollFd poll) {
    context.out.append("{fd=");
    context.descriptor(poll.fd());
    if (poll.fd() >= 0) {
      context.out.append(", events=").append(poll.events());
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

  private static final FixedStruct EPOLL_EVENT =
      FixedStruct.of(EpollEvent.class, EpollEvent::size, EpollEvent::of, PollPrinters::event);

  private static void event(PrintContext context, EpollEvent event) {
    StringBuilder out = context.out.append("{events=").append(event.events());
    out.append(", data={u32=").append(event.data() & 0xffff_ffffL);
    out.append(", u64=").append(Long.toUnsignedString(event.data())).append("}}");
  }

  private static void fdSet(PrintContext context, Kind kind, long address) {
    fdSet(context, address, (int) context.reference(kind, "n", 0), false);
  }

  /** What is returned are numbers only: they have been told of among the arguments. */
  private static void fdSet(PrintContext context, long address, int descriptors, boolean isResult) {
    BitSet set = fdSet(context, address, descriptors);
    if (set == null) {
      context.address(address);
      return;
    }
    context.out.append('[');
    String separator = "";
    for (int fd = set.nextSetBit(0); fd >= 0; fd = set.nextSetBit(fd + 1)) {
      context.out.append(separator);
      if (isResult) {
        context.out.append(fd);
      } else {
        context.descriptor(fd);
      }
      separator = " ";
    }
    context.out.append(']');
  }

  private static @Nullable BitSet fdSet(CallContext context, long address, int descriptors) {
    byte[] bytes = context.bytes(address, fdSetSize(context, descriptors));
    return bytes == null ? null : fdSet(bytes, descriptors);
  }

  private static BitSet fdSet(byte[] bytes, int descriptors) {
    BitSet set = BitSet.valueOf(bytes);
    set.clear(limit(descriptors), Math.max(limit(descriptors), set.length()));
    return set;
  }

  private static int limit(int descriptors) {
    return Math.max(0, Math.min(descriptors, MAX_FDS));
  }

  /** Words of the ABI. */
  private static int fdSetSize(CallContext context, int descriptors) {
    int bits = 8 * context.abi.wordSize();
    return (limit(descriptors) + bits - 1) / bits * context.abi.wordSize();
  }

  private static BitSet requireFdSet(CallContext context, Kind kind, long address) {
    int descriptors = (int) context.reference(kind, "n", 0);
    return fdSet(context.require(address, fdSetSize(context, descriptors)), descriptors);
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
    for (long index = 0; index < Math.min(count, PrintContext.MAX_BYTES / PollFd.SIZE); index++) {
      StructBytes bytes = context.struct(address + index * PollFd.SIZE, PollFd.SIZE);
      if (bytes == null) {
        break;
      }
      PollFd poll = PollFd.of(bytes);
      if (poll.revents().value() == 0) {
        continue;
      }
      context.out.append(shown == 0 ? "" : ", ");
      if (context.isAbbreviatedAt(shown)) {
        context.out.append("...");
        break;
      }
      context.out.append("{fd=").append(poll.fd());
      context.out.append(", revents=").append(poll.revents()).append('}');
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
      BitSet set = fdSet(context, address, descriptors);
      int size = set == null ? 0 : set.cardinality();
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

  /** Appends {@code (Timeout)} or {@code (left {tv_sec=0, tv_nsec=5})}, of recvmmsg(2). */
  static void messagesResult(PrintContext context) {
    if (context.result() == 0) {
      context.out.append(" (Timeout)");
    } else if (context.call.register(4) != 0) {
      context.out.append(" (");
      left(context, 4);
      context.out.append(')');
    }
  }

  /** Appends what the kernel left of the timeout. */
  private static void left(PrintContext context, int index) {
    long address = context.call.register(index);
    if (address != 0) {
      context.out.append(context.out.charAt(context.out.length() - 1) == '(' ? "" : ", ");
      context.out.append("left ");
      context.printPointed(context.argument(index).kind(), address);
    }
  }
}
