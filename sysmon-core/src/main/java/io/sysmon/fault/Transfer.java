package io.sysmon.fault;

import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeMemory.Iovec;
import io.sysmon.decode.Argument;
import io.sysmon.decode.SyscallSignature;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Where a call that transfers bytes has them: a buffer, a vector of buffers, or none in memory as
 * for sendfile(2).
 *
 * @param address the argument with the address of the buffer or the vector; −1 for none
 * @param length the argument with the number of bytes, or of buffers
 * @param isVector whether it is a vector
 * @param isInput whether the kernel reads the bytes from the program
 */
record Transfer(int address, int length, boolean isVector, boolean isInput) {
  /** Null for a call that returns no number of transferred bytes. */
  static @Nullable Transfer of(SyscallSignature call) {
    if (!call.result().name().equals("size")) {
      return null;
    }
    List<Argument> arguments = call.arguments();
    for (int i = 0; i + 1 < arguments.size(); i++) {
      String kind = arguments.get(i).kind().name();
      boolean isBuffer = kind.equals("buf_in") || kind.equals("buf_out");
      boolean isVector = arguments.get(i).kind().type().equals("iovec");
      if (isBuffer || isVector) {
        return new Transfer(
            arguments.get(i).register(),
            arguments.get(i + 1).register(),
            isVector,
            kind.equals("buf_in") || kind.equals("in"));
      }
    }
    for (Argument argument : arguments) {
      if (argument.kind().name().equals("size")) {
        return new Transfer(-1, argument.register(), false, false);
      }
    }
    return null;
  }

  private List<Iovec> buffers(SyscallStop call) {
    long size = call.arg(length);
    return isVector
        ? call.memory().readIovec(call.arg(address), (int) size)
        : List.of(new Iovec(address < 0 ? 0 : call.arg(address), size));
  }

  /** How many bytes the call is to transfer. */
  long size(SyscallStop call) {
    return buffers(call).stream().mapToLong(Iovec::length).sum();
  }

  /** Lets the kernel see a shorter transfer. */
  void shorten(SyscallEnter call, int most) {
    List<Iovec> shorter = new ArrayList<>();
    long left = most;
    for (Iovec buffer : buffers(call)) {
      if (left > 0) {
        shorter.add(new Iovec(buffer.address(), Math.min(left, buffer.length())));
      }
      left -= buffer.length();
    }
    if (left >= 0) {
      return;
    }
    if (isVector) {
      setVector(call, shorter);
    } else {
      call.setArg(length, most);
    }
  }

  private void setVector(SyscallEnter call, List<Iovec> buffers) {
    int word = call.abi().wordSize();
    ByteBuffer vector =
        ByteBuffer.allocate(buffers.size() * 2 * word).order(ByteOrder.nativeOrder());
    for (Iovec buffer : buffers) {
      put(vector, word, buffer.address());
      put(vector, word, buffer.length());
    }
    call.relocateBuffer(address, length, vector.array(), false);
    call.setArg(length, buffers.size());
  }

  private static void put(ByteBuffer vector, int size, long value) {
    if (size == Integer.BYTES) {
      vector.putInt((int) value);
    } else {
      vector.putLong(value);
    }
  }

  /** Changes some bytes of what the program hands over; its own memory stays as it is. */
  void corruptInput(SyscallEnter call, int count, SplittableRandom random) {
    byte[] bytes = gather(call, size(call));
    corrupt(bytes, count, random);
    call.relocateBuffer(address, length, bytes, false);
    if (isVector) {
      setVector(call, List.of(new Iovec(call.arg(address), bytes.length)));
    }
  }

  /** Changes some bytes of what the program has got. */
  void corruptOutput(SyscallExit call, int count, SplittableRandom random) {
    byte[] bytes = gather(call, call.result());
    corrupt(bytes, count, random);
    int begin = 0;
    for (Iovec buffer : buffers(call)) {
      int end = begin + (int) Math.min(buffer.length(), bytes.length - begin);
      call.memory().write(buffer.address(), Arrays.copyOfRange(bytes, begin, end));
      begin = end;
    }
  }

  /** The first bytes of the buffers together. */
  private byte[] gather(SyscallStop call, long size) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size));
    for (Iovec buffer : buffers(call)) {
      int here = (int) Math.min(buffer.length(), bytes.remaining());
      bytes.put(call.memory().read(buffer.address(), here));
    }
    return bytes.array();
  }

  /** Changes each of some places, which may be the same one twice, to another byte. */
  private static void corrupt(byte[] bytes, int count, SplittableRandom random) {
    for (int i = 0; i < count && bytes.length > 0; i++) {
      bytes[random.nextInt(bytes.length)] ^= (byte) random.nextInt(1, 256);
    }
  }
}
