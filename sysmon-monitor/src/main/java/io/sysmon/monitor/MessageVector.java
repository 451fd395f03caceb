package io.sysmon.monitor;

import io.sysmon.BadAddressException;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.TraceeMemory;
import io.sysmon.decode.CallValues;
import io.sysmon.decode.SockAddr;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.decode.SyscallTable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The messages of a sendmmsg(2): each a {@code struct msghdr}, and how much of it was sent.
 *
 * <pre>{@code
 * name namelen:4 iov iovlen control controllen flags:4 len:4         words of the ABI
 * }</pre>
 *
 * @param address where the first one is
 * @param count how many there are
 * @param wordSize of the ABI
 */
record MessageVector(long address, int count, int wordSize) {
  /** {@code UIO_MAXIOV}: of more the kernel sends as many. */
  private static final int MOST = 1024;

  private static final int WORDS = 8;

  /** The last word begins with it; in 64 bits a gap is before it. */
  private static final int LENGTH = 7;

  /** {@code sa_family}. */
  private static final int LEAST_NAME = 2;

  static MessageVector of(long address, long count, int wordSize) {
    return new MessageVector(address, (int) Math.min(count, MOST), wordSize);
  }

  MessageVector at(long otherAddress) {
    return new MessageVector(otherAddress, count, wordSize);
  }

  /** Where a message is, from the first one on. */
  int offset(int message) {
    return message * WORDS * wordSize;
  }

  int size() {
    return offset(count);
  }

  /** To whom the messages go that have an address. */
  List<SockAddr> destinations(SyscallEnter call) {
    ByteBuffer fields =
        ByteBuffer.wrap(call.memory().read(address, size())).order(ByteOrder.nativeOrder());
    List<SockAddr> all = new ArrayList<>();
    for (int message = 0; message < count; message++) {
      int at = offset(message);
      long name =
          wordSize == Long.BYTES ? fields.getLong(at) : Integer.toUnsignedLong(fields.getInt(at));
      int length = Math.min(fields.getInt(at + wordSize), PinnedArguments.LONGEST_ADDRESS);
      if (name != 0 && length >= LEAST_NAME) {
        all.add(address(call, call.memory().read(name, length)));
      }
    }
    return all;
  }

  /** As connect(2) would take it. */
  private static SockAddr address(SyscallEnter call, byte[] bytes) {
    SyscallSignature connect =
        SyscallTable.get().abi(call.abi().name()).byName("connect").orElseThrow();
    long[] registers = {0, 1, bytes.length, 0, 0, 0};
    return CallValues.entering(
            connect,
            registers,
            (address, into, offset, length) -> {
              int there = Math.min(length, bytes.length);
              System.arraycopy(bytes, 0, into, offset, there);
              return there;
            })
        .value(connect.arguments().get(1), SockAddr.class);
  }

  /** Tells the program in its own messages what the kernel has said in these. */
  void tellLengths(SyscallExit call, MessageVector own) {
    TraceeMemory memory = call.memory();
    try {
      for (int message = 0; message < call.result(); message++) {
        int length = offset(message) + LENGTH * wordSize;
        memory.write(own.address + length, memory.read(address + length, Integer.BYTES));
      }
    } catch (BadAddressException e) {
      // Another thread has unmapped them, and reads nothing there any more.
      return;
    }
  }
}
