package io.sysmon.examples;

import io.sysmon.Registers;
import io.sysmon.SignalStop;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeTask;
import java.util.HashMap;
import java.util.Map;

/**
 * What strace(1) writes before calls and signals: the number of the call ({@code -n}) and the
 * instruction pointer ({@code -i}). Tracer thread only.
 */
final class LineMarks {
  private static final int NUMBER_WIDTH = 4;

  /** {@code __USER32_CS}, arch/x86/include/asm/segment.h. */
  private static final int COMPAT_CODE_SEGMENT = 0x23;

  private static final Call NONE = new Call(0, 2 * Long.BYTES);

  private final boolean numbers;
  private final boolean addresses;
  private final Map<TraceeTask, Call> last = new HashMap<>();

  /** A call that was shown. */
  private record Call(long number, int addressDigits) {}

  LineMarks(boolean numbers, boolean addresses) {
    this.numbers = numbers;
    this.addresses = addresses;
  }

  /** At a stop of a call. */
  String of(SyscallStop stop) {
    if (!numbers && !addresses) {
      return "";
    }
    Call call = new Call(stop.number(), 2 * stop.abi().wordSize());
    last.put(stop.task(), call);
    return text(call.number, addresses ? address(stop.instructionPointer(), call) : "");
  }

  /** At a signal. */
  String of(SignalStop stop) {
    if (!numbers && !addresses) {
      return "";
    }
    try {
      Registers registers = stop.registers();
      Call call = at(registers, last.getOrDefault(stop.task(), NONE));
      last.put(stop.task(), call);
      String pointer = registers.names().contains("rip") ? "rip" : "pc";
      return text(call.number, address(registers.get(pointer), call));
    } catch (TraceeDiedException e) {
      return of(stop.task());
    }
  }

  /** The call that a signal comes after, which may be one that is not shown. */
  private static Call at(Registers registers, Call shown) {
    if (!registers.names().contains("orig_rax")) {
      return shown;
    }
    int number = (int) registers.get("orig_rax");
    boolean is32 = registers.get("cs") == COMPAT_CODE_SEGMENT;
    return new Call(number < 0 ? shown.number : number, 2 * (is32 ? Integer.BYTES : Long.BYTES));
  }

  /** Where no registers can be read. */
  String of(TraceeTask task) {
    Call call = last.getOrDefault(task, NONE);
    return text(call.number, "?".repeat(call.addressDigits));
  }

  /** A task has ended. */
  void ended(TraceeTask task) {
    last.remove(task);
  }

  private String text(long callNumber, String address) {
    StringBuilder text = new StringBuilder();
    if (numbers) {
      String number = Long.toString(callNumber);
      text.append('[').append(" ".repeat(Math.max(0, NUMBER_WIDTH - number.length())));
      text.append(number).append("] ");
    }
    if (addresses) {
      text.append('[').append(address).append("] ");
    }
    return text.toString();
  }

  private static String address(long address, Call call) {
    String digits = Long.toHexString(address);
    return "0".repeat(Math.max(0, call.addressDigits - digits.length())) + digits;
  }
}
