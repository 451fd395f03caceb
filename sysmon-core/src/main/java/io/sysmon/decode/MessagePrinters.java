package io.sysmon.decode;

import io.sysmon.decode.Kind.Reference.Source;
import java.util.Map;
import java.util.Objects;

/** Printers of {@code struct msghdr} and its control messages, sendmsg(2), cmsg(3). */
final class MessagePrinters {
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_CREDENTIALS = 2;

  /** {@code UIO_MAXIOV}: the kernel takes no more messages at once. */
  private static final int MAX_MESSAGES = 1024;

  /** What is remembered of the entry: the room for a name, of each message by its index. */
  private static final String NAME_LENGTH = "msg_namelen";

  private MessagePrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("msghdr", MessagePrinters::header);
    types.put("mmsghdr", MessagePrinters::vector);
  }

  /** Keeps the room for names, which the kernel overwrites with the lengths of the names. */
  static void remember(PrintContext context, Argument argument) {
    boolean several = argument.kind().type().equals("mmsghdr");
    int word = context.abi.wordSize();
    int stride = several ? headerSize(context) + word : 0;
    long count = several ? context.nextRegister(argument) & 0xffff_ffffL : 1;
    for (int index = 0; index < Math.min(count, MAX_MESSAGES); index++) {
      long address = context.register(argument) + (long) index * stride;
      StructBytes header = context.struct(address, word + 4);
      if (header == null) {
        return;
      }
      context.call.remember(NAME_LENGTH + index, header.i32(word));
    }
  }

  private static int headerSize(PrintContext context) {
    return context.abi.wordSize() == 8 ? 56 : 28;
  }

  private static int room(PrintContext context, int index, int otherwise) {
    return (int) context.call.remembered(NAME_LENGTH + index, otherwise);
  }

  /**
   * {@code msg_hdr msg_len:4}, aligned to a word. Those that were not sent have no length; of a
   * received one it is how many bytes of the buffers are filled.
   */
  private static void vector(PrintContext context, Kind kind, long address) {
    boolean received = Objects.requireNonNull(kind.reference("n")).source() == Source.RESULT;
    long done = context.failed() ? 0 : context.result();
    int size = headerSize(context);
    int stride = size + context.abi.wordSize();
    long count = context.reference(kind, "n", 0) & 0xffff_ffffL;
    if (address == 0 || (count != 0 && context.struct(address, stride) == null)) {
      context.address(address);
      return;
    }
    StringBuilder out = context.out.append('[');
    for (int index = 0; index < count; index++) {
      out.append(index == 0 ? "" : ", ");
      long element = address + (long) index * stride;
      if (index == context.options.stringLimit() || index == MAX_MESSAGES) {
        out.append("...");
        break;
      }
      StructBytes message = context.struct(element, stride);
      if (message == null) {
        out.append("... /* ");
        context.address(element);
        out.append(" */");
        break;
      }
      out.append("{msg_hdr=");
      long moved = received ? message.u32(size) : Long.MAX_VALUE;
      header(context, message, room(context, index, message.i32(context.abi.wordSize())), moved);
      if (index < done) {
        out.append(", msg_len=").append(message.u32(size));
      }
      out.append('}');
    }
    out.append(']');
  }

  /** {@code name namelen:4 iov iovlen control controllen flags:4}, words of the ABI. */
  private static void header(PrintContext context, Kind kind, long address) {
    int word = context.abi.wordSize();
    StructBytes header = context.struct(address, headerSize(context));
    if (header == null) {
      context.address(address);
      return;
    }
    int room = room(context, 0, header.i32(word));
    if (context.failed() && context.isExiting() && kind.reference("len") != null) {
      context.out.append("{msg_namelen=").append(room).append('}');
    } else {
      header(context, header, room, context.reference(kind, "len", Long.MAX_VALUE));
    }
  }

  private static void header(PrintContext context, StructBytes header, int room, long moved) {
    int word = context.abi.wordSize();
    StringBuilder out = context.out;
    int nameLength = header.i32(word);
    out.append("{msg_name=");
    long filled = Math.min(Integer.toUnsignedLong(room), Integer.toUnsignedLong(nameLength));
    SocketAddressText.print(context, header.word(0), filled);
    out.append(", msg_namelen=");
    if (room != nameLength) {
      out.append(room).append(" => ");
    }
    out.append(nameLength).append(", msg_iov=");
    IovecPrinters.print(context, header.word(2 * word), header.word(3 * word), moved);
    out.append(", msg_iovlen=").append(Long.toUnsignedString(header.word(3 * word)));
    long controlLength = header.word(5 * word);
    if (controlLength != 0) {
      out.append(", msg_control=");
      control(context, header.word(4 * word), controlLength);
    }
    out.append(", msg_controllen=").append(Long.toUnsignedString(controlLength));
    out.append(", msg_flags=");
    context.flags("msg", header.u32(6 * word));
    out.append('}');
  }

  /** {@code cmsg_len (word) cmsg_level:4 cmsg_type:4 data}, each aligned to a word. */
  private static void control(PrintContext context, long address, long length) {
    int word = context.abi.wordSize();
    int head = word + 8;
    byte[] raw =
        length < head
            ? null
            : context.bytes(address, (int) Math.min(length, PrintContext.MAX_BYTES));
    if (raw == null) {
      context.address(address);
      return;
    }
    StringBuilder out = context.out.append('[');
    int offset = 0;
    while (offset + head <= raw.length) {
      StructBytes message = new StructBytes(raw, offset, context.abi);
      long claimed = message.word(0);
      int size =
          claimed < head || claimed > raw.length - offset ? raw.length - offset : (int) claimed;
      out.append(offset == 0 ? "" : ", ");
      message(context, message, Long.toUnsignedString(claimed), size - head);
      offset += (size + word - 1) / word * word;
    }
    out.append(']');
  }

  private static void message(
      PrintContext context, StructBytes message, String length, int dataSize) {
    int word = context.abi.wordSize();
    int data = word + 8;
    int level = message.i32(word);
    int type = message.i32(word + 4);
    StringBuilder out = context.out.append("{cmsg_len=").append(length).append(", cmsg_level=");
    ScalarPrinters.constant(context, "socket_level", level);
    out.append(", cmsg_type=");
    if (level == SOL_SOCKET) {
      ScalarPrinters.constant(context, "control_message_type", type);
    } else {
      context.hex(Integer.toUnsignedLong(type));
    }
    if (dataSize > 0) {
      out.append(", cmsg_data=");
      if (level == SOL_SOCKET && type == SCM_RIGHTS && dataSize >= 4) {
        descriptors(context, message, data, dataSize / 4);
      } else if (level == SOL_SOCKET && type == SCM_CREDENTIALS && dataSize >= 12) {
        out.append("{pid=").append(message.i32(data)).append(", uid=");
        ScalarPrinters.id(context, message.i32(data + 4));
        out.append(", gid=");
        ScalarPrinters.id(context, message.i32(data + 8));
        out.append('}');
      } else {
        context.quote(message.array(), message.begin() + data, dataSize);
      }
    }
    out.append('}');
  }

  private static void descriptors(
      PrintContext context, StructBytes message, int offset, int count) {
    StringBuilder out = context.out.append('[');
    for (int index = 0; index < count; index++) {
      out.append(index == 0 ? "" : ", ");
      context.descriptor(message.i32(offset + 4 * index));
    }
    out.append(']');
  }
}
