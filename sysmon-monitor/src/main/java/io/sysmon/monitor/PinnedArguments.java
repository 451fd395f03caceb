package io.sysmon.monitor;

import io.sysmon.CallArgument;
import io.sysmon.SyscallEnter;
import io.sysmon.decode.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a call, of which those can be copied that point to memory: what is read of the
 * call afterwards is read from the copy, and so it is by the kernel. The program's other threads do
 * not know where the copies are.
 */
final class PinnedArguments {
  /** {@code PATH_MAX}, with the NUL. */
  private static final int LONGEST_PATH = 4096;

  /** {@code sizeof(struct sockaddr_storage)}. */
  static final int LONGEST_ADDRESS = 128;

  /** Where a socketcall(2) has the address of its arguments. */
  private static final int SOCKETCALL_ARGUMENTS = 1;

  private final SyscallEnter call;

  /** Those of a socketcall(2), which are in memory. */
  private final byte @Nullable [] words;

  PinnedArguments(SyscallEnter call) {
    this.call = call;
    words =
        call.name().equals("socketcall")
            ? call.bytes(
                SOCKETCALL_ARGUMENTS, call.meant().arguments().size() * call.abi().wordSize())
            : null;
  }

  /** Of a call that has its arguments in registers. */
  void path(CallArgument path) {
    byte[] name = path.value(Bytes.class).toByteArray();
    // The kernel says of a longer one that it is too long, whatever follows.
    int length = Math.min(name.length, LONGEST_PATH);
    call.relocateBytes(path.index(), Arrays.copyOf(name, length + 1));
  }

  /** Of a call that has its arguments in registers. */
  void bytes(int index, int length) {
    call.relocateBytes(index, call.bytes(index, length));
  }

  /** A {@code struct sockaddr}. The kernel refuses one of another length than that. */
  void address(CallArgument address, CallArgument length) {
    int size = (int) get(length.index());
    if (size > 0 && size <= LONGEST_ADDRESS) {
      set(address.index(), copy(address.index(), get(address.index()), size));
    }
    end();
  }

  /** A {@code struct msghdr} and the address in it. */
  void message(CallArgument message) {
    int word = call.abi().wordSize();
    byte[] header = call.memory().read(get(message.index()), 7 * word);
    name(message, fields(header), 0);
    set(message.index(), copy(message.index(), header));
    end();
  }

  /** The address of a {@code struct msghdr}. */
  private void name(CallArgument message, ByteBuffer fields, int offset) {
    int length = offset + call.abi().wordSize();
    long name = word(fields, offset);
    int size = Math.min(fields.getInt(length), LONGEST_ADDRESS);
    if (name != 0 && size > 0) {
      putWord(fields, offset, copy(message.index(), name, size));
      fields.putInt(length, size);
    }
  }

  /** Where the messages of a sendmmsg(2) are. */
  MessageVector vector(CallArgument messages, CallArgument count) {
    return MessageVector.of(get(messages.index()), count.number(), call.abi().wordSize());
  }

  /** Messages and the addresses in them. The kernel says in the copy how much was sent. */
  MessageVector messages(CallArgument messages, MessageVector own) {
    byte[] headers = call.memory().read(own.address(), own.size());
    for (int message = 0; message < own.count(); message++) {
      name(messages, fields(headers), own.offset(message));
    }
    long copy = own.count() == 0 ? own.address() : copy(messages.index(), headers);
    set(messages.index(), copy);
    end();
    return own.at(copy);
  }

  private static ByteBuffer fields(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  private long word(ByteBuffer fields, int offset) {
    return call.abi().wordSize() == Long.BYTES
        ? fields.getLong(offset)
        : Integer.toUnsignedLong(fields.getInt(offset));
  }

  private void putWord(ByteBuffer fields, int offset, long value) {
    if (call.abi().wordSize() == Long.BYTES) {
      fields.putLong(offset, value);
    } else {
      fields.putInt(offset, (int) value);
    }
  }

  private long get(int index) {
    return words == null ? call.arg(index) : word(fields(words), index * call.abi().wordSize());
  }

  private void set(int index, long value) {
    if (words == null) {
      call.setArg(index, value);
    } else {
      putWord(fields(words), index * call.abi().wordSize(), value);
    }
  }

  private long copy(int index, long address, int length) {
    return copy(index, call.memory().read(address, length));
  }

  /** Gives the address of a copy, which is in a register meanwhile. */
  private long copy(int index, byte[] bytes) {
    int register = words == null ? index : SOCKETCALL_ARGUMENTS;
    call.relocateBytes(register, bytes);
    return call.arg(register);
  }

  private void end() {
    if (words != null) {
      call.relocateBytes(SOCKETCALL_ARGUMENTS, words);
    }
  }
}
