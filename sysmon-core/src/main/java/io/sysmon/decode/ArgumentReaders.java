package io.sysmon.decode;

import io.sysmon.BadAddressException;
import io.sysmon.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How arguments are read as values, by their kind. */
final class ArgumentReaders {
  private static final long CLONE_SIGNAL_MASK = 0xff;
  private static final int IPC_64 = 0x100;

  /** What is a number with a meaning. */
  static final Set<Class<?>> BITS =
      Set.of(Flags.class, Constant.class, FileMode.class, Signal.class, SignalSet.class);

  private ArgumentReaders() {}

  /** The reader of an argument; null when it points to what is not decoded. */
  static @Nullable ValueReader<?> of(CallContext context, Argument argument) {
    Kind kind = argument.kind();
    return switch (kind.name()) {
      case "in", "out", "inout" -> Printers.ALL.type(kind.type()).reader();
      case "path", "mount_source", "mount_type", "mount_data" -> string();
      case "string" -> kind.isString() ? string() : buffer(context.count(kind, "len"));
      case "buf_in", "buf_out", "sockopt_in" -> buffer(context.count(kind, "len"));
      case "sockopt_out" -> ValueReader.one(Bytes.class, ArgumentReaders::option);
      case "argv", "envp" -> ValueReader.many(String.class, ArgumentReaders::strings);
      case "sockaddr_in" -> ValueReader.one(SockAddr.class, ArgumentReaders::addressIn);
      case "sockaddr_out" -> ValueReader.one(SockAddr.class, ArgumentReaders::addressOut);
      case "clone3_args" -> ValueReader.one(CloneArgs.class, CloneCall::read);
      case "fcntl_arg" -> FcntlPrinters.reader(context, argument);
      default -> register(context, argument);
    };
  }

  /** Of kinds that point nowhere. */
  private static ValueReader<?> register(CallContext context, Argument argument) {
    Kind kind = argument.kind();
    long number = RegisterValues.number(context, argument);
    return switch (kind.name()) {
      case "flags", "flags64", "ipc_flags" -> flags(context, kind.type(), number);
      case "clone_flags" -> flags(context, "clone_flags", number & ~CLONE_SIGNAL_MASK);
      case "memfd_flags" -> flags(context, "memfd", number);
      case "mount_flags", "kexec_flags" -> flags(context, kind.name(), number);
      case "swap_flags" -> flags(context, "swapon", number);
      case "enum" -> one(Constant.class, RegisterValues.constant(context, argument));
      case "ipc_cmd" -> {
        int command = context.intValue(argument) & ~IPC_64;
        yield one(Constant.class, Constant.ofInt(command, kind.type(), context.abi));
      }
      case "mode", "file_mode", "open_mode" -> one(FileMode.class, new FileMode((int) number));
      case "signal" -> one(Signal.class, Signal.of((int) number));
      case "sigmask" -> one(SignalSet.class, new SignalSet(number, 32));
      default -> one(Long.class, number);
    };
  }

  static ValueReader<Flags> flags(CallContext context, String set, long value) {
    return one(Flags.class, new Flags(value, set, context.abi));
  }

  static <T> ValueReader<T> one(Class<T> type, T value) {
    return ValueReader.one(type, (context, kind, register) -> value);
  }

  private static ValueReader<Bytes> string() {
    return ValueReader.one(Bytes.class, (c, k, address) -> Bytes.owned(c.requireString(address)));
  }

  private static ValueReader<Bytes> buffer(long length) {
    return ValueReader.one(Bytes.class, (c, k, address) -> Bytes.owned(c.require(address, length)));
  }

  /** What the {@code len=} argument points to. */
  private static long pointedLength(CallContext context, Kind kind) {
    return context.requireStruct(context.reference(kind, "len", 0), 4).u32(0);
  }

  private static Bytes option(CallContext context, Kind kind, long address) {
    return Bytes.owned(context.require(address, pointedLength(context, kind)));
  }

  private static List<String> strings(CallContext context, Kind kind, long address) {
    PointerArray pointers = new PointerArray(context, address);
    List<String> strings = new ArrayList<>();
    for (int index = 0; !pointers.endsAt(index); index++) {
      if (!pointers.isReadable(index)) {
        throw context.unreadable("a pointer", pointers.addressOf(index), 0);
      }
      strings.add(StringPrinters.text(context, pointers.get(index)));
    }
    return List.copyOf(strings);
  }

  private static SockAddr addressIn(CallContext context, Kind kind, long address) {
    return address(context, address, context.count(kind, "len") & 0xffff_ffffL);
  }

  private static SockAddr addressOut(CallContext context, Kind kind, long address) {
    return address(context, address, pointedLength(context, kind));
  }

  private static SockAddr address(CallContext context, long address, long length) {
    if (address == 0) {
      throw context.unreadable("an address", address, 0);
    } else if (length < SocketAddressReader.FAMILY_SIZE) {
      throw new BadAddressException("There is no address in " + length + " bytes", address, 0);
    }
    int size = (int) Math.min(length, SocketAddressReader.MAX_LENGTH);
    return SocketAddressReader.read(context.requireStruct(address, size), size);
  }
}
