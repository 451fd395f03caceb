package io.sysmon.decode;

import io.sysmon.decode.Kind.Reference.Source;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Printers of {@code struct msghdr} and its control messages, sendmsg(2), cmsg(3). */
final class MessagePrinters {
  /** {@code UIO_MAXIOV}: the kernel takes no more messages at once. */
  private static final int MAX_MESSAGES = 1024;

  /** What is remembered of the entry: the room for a name, of each message by its index. */
  private static final String NAME_LENGTH = "msg_namelen";

  private MessagePrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put(
        "msghdr",
        new TypedPrinter(
            MessagePrinters::header,
            ValueReader.one(MessageHeader.class, (c, k, a) -> MessageHeader.read(c, a))));
    types.put("mmsghdr", MessagePrinters::vector);
  }

  /** Keeps the room for names, which the kernel overwrites with the lengths of the names. */
  static void remember(PrintContext context, Argument argument) {
    boolean several = argument.kind().type().equals("mmsghdr");
    int word = context.abi.wordSize();
    int stride = several ? MessageHeader.Raw.size(context.abi) + word : 0;
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
    int size = MessageHeader.Raw.size(context.abi);
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

  private static void header(PrintContext context, Kind kind, long address) {
    int size = MessageHeader.Raw.size(context.abi);
    StructBytes header = context.struct(address, size);
    if (header == null) {
      context.address(address);
      return;
    }
    int room = room(context, 0, header.i32(context.abi.wordSize()));
    if (context.failed() && context.isExiting() && kind.reference("len") != null) {
      context.out.append("{msg_namelen=").append(room).append('}');
    } else {
      header(context, header, room, context.reference(kind, "len", Long.MAX_VALUE));
    }
  }

  private static void header(PrintContext context, StructBytes bytes, int room, long moved) {
    MessageHeader.Raw header = MessageHeader.Raw.of(bytes);
    StringBuilder out = context.out.append("{msg_name=");
    long filled =
        Math.min(Integer.toUnsignedLong(room), Integer.toUnsignedLong(header.nameLength()));
    SocketAddressText.print(context, header.name(), filled);
    out.append(", msg_namelen=");
    if (room != header.nameLength()) {
      out.append(room).append(" => ");
    }
    out.append(header.nameLength()).append(", msg_iov=");
    IovecPrinters.print(context, header.iov(), header.iovCount(), moved);
    out.append(", msg_iovlen=").append(Long.toUnsignedString(header.iovCount()));
    if (header.controlLength() != 0) {
      out.append(", msg_control=");
      control(context, header.control(), header.controlLength());
    }
    out.append(", msg_controllen=").append(Long.toUnsignedString(header.controlLength()));
    out.append(", msg_flags=").append(header.flags()).append('}');
  }

  private static void control(PrintContext context, long address, long length) {
    byte[] raw =
        length < ControlMessage.headSize(context.abi)
            ? null
            : context.bytes(address, (int) Math.min(length, PrintContext.MAX_BYTES));
    if (raw == null) {
      context.address(address);
      return;
    }
    context.out.append('[');
    String separator = "";
    for (ControlMessage message : ControlMessage.all(raw, context.abi)) {
      context.out.append(separator);
      message(context, message);
      separator = ", ";
    }
    context.out.append(']');
  }

  private static void message(PrintContext context, ControlMessage message) {
    StringBuilder out = context.out.append("{cmsg_len=");
    out.append(Long.toUnsignedString(message.claimed()));
    out.append(", cmsg_level=").append(message.level()).append(", cmsg_type=");
    if (message.isOfSocket()) {
      ScalarPrinters.constant(context, "control_message_type", message.type());
    } else {
      context.hex(Integer.toUnsignedLong(message.type()));
    }
    int size = message.data().length();
    if (size > 0) {
      out.append(", cmsg_data=");
      if (!message.descriptors().isEmpty()) {
        descriptors(context, message.descriptors());
      } else if (message.isOfSocket()
          && message.type() == ControlMessage.SCM_CREDENTIALS
          && size >= SocketPrinters.CREDENTIALS_SIZE) {
        byte[] data = message.data().toByteArray();
        SocketPrinters.credentials(context, new StructBytes(data, 0, context.abi));
      } else {
        message.data().quote(context);
      }
    }
    out.append('}');
  }

  private static void descriptors(PrintContext context, List<Integer> descriptors) {
    String separator = "[";
    for (int descriptor : descriptors) {
      context.out.append(separator);
      context.descriptor(descriptor);
      separator = ", ";
    }
    context.out.append(']');
  }
}
