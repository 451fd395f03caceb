package io.sysmon.decode;

import java.util.Map;

/** Printers of {@code struct msghdr} and its control messages, sendmsg(2), cmsg(3). */
final class MessagePrinters {
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_CREDENTIALS = 2;

  /** What is remembered of the entry: the room for a name. */
  private static final String NAME_LENGTH = "msg_namelen";

  private MessagePrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("msghdr", MessagePrinters::header);
  }

  /** Keeps the room for a name, which the kernel overwrites with the length of the name. */
  static void remember(PrintContext context, Argument argument) {
    int word = context.abi.wordSize();
    StructBytes header = context.struct(context.register(argument), word + 4);
    if (header != null) {
      context.call.remember(NAME_LENGTH, header.i32(word));
    }
  }

  /** {@code name namelen:4 iov iovlen control controllen flags:4}, words of the ABI. */
  private static void header(PrintContext context, Kind kind, long address) {
    int word = context.abi.wordSize();
    StructBytes header = context.struct(address, word == 8 ? 56 : 28);
    if (header == null) {
      context.address(address);
      return;
    }
    StringBuilder out = context.out;
    int nameLength = header.i32(word);
    int room = (int) context.call.remembered(NAME_LENGTH, nameLength);
    if (context.failed() && context.isExiting() && kind.reference("len") != null) {
      out.append("{msg_namelen=").append(room).append('}');
      return;
    }
    out.append("{msg_name=");
    long filled = Math.min(Integer.toUnsignedLong(room), Integer.toUnsignedLong(nameLength));
    SocketAddressText.print(context, header.word(0), filled);
    out.append(", msg_namelen=");
    if (room != nameLength) {
      out.append(room).append(" => ");
    }
    out.append(nameLength).append(", msg_iov=");
    long moved = context.reference(kind, "len", Long.MAX_VALUE);
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
