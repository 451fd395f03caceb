package io.sysmon.decode;

import io.sysmon.TraceeMemory.Iovec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct msghdr}, sendmsg(2), with what it points to.
 *
 * @param name the other socket's address; null when there is none, or no room for one
 * @param buffers where the data is
 * @param control the control messages
 * @param flags what recvmsg(2) says of the message
 */
public record MessageHeader(
    @Nullable SockAddr name, List<Iovec> buffers, List<ControlMessage> control, Flags flags) {

  /** Copies the lists. */
  public MessageHeader {
    buffers = List.copyOf(buffers);
    control = List.copyOf(control);
  }

  static MessageHeader read(CallContext context, long address) {
    Raw raw = Raw.of(context.requireStruct(address, Raw.size(context.abi)));
    int nameLength = Math.min(raw.nameLength, SocketAddressReader.MAX_LENGTH);
    boolean named = raw.name != 0 && nameLength >= SocketAddressReader.FAMILY_SIZE;
    return new MessageHeader(
        named
            ? SocketAddressReader.read(context.requireStruct(raw.name, nameLength), nameLength)
            : null,
        IovecPrinters.read(context, raw.iov, raw.iovCount),
        ControlMessage.all(
            context.require(raw.control, raw.control == 0 ? 0 : raw.controlLength), context.abi),
        raw.flags);
  }

  /**
   * The structure itself.
   *
   * <pre>{@code
   * name namelen:4 iov iovlen control controllen flags:4         words of the ABI
   * }</pre>
   */
  record Raw(
      long name,
      int nameLength,
      long iov,
      long iovCount,
      long control,
      long controlLength,
      Flags flags) {
    static int size(AbiLayout abi) {
      return abi.wordSize() == 8 ? 56 : 28;
    }

    static Raw of(StructBytes header) {
      int word = header.abi().wordSize();
      return new Raw(
          header.word(0),
          header.i32(word),
          header.word(2 * word),
          header.word(3 * word),
          header.word(4 * word),
          header.word(5 * word),
          header.flags("msg", header.u32(6 * word)));
    }
  }
}
