package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.decode.FormatOptions.HexStrings;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever a program passes to the kernel, a line comes out. */
class FormatterPropertiesTest extends AnyProgram {
  @Property(tries = 300)
  void everyCallOfEveryAbiIsPrinted(
      @ForAll("registers") long[] registers,
      @ForAll("memories") byte[] memory,
      @ForAll("results") long result,
      @ForAll @IntRange(max = 100) int limit,
      @ForAll HexStrings hex,
      @ForAll boolean verbose) {
    FakeMemory mapped = filledWith(memory);
    SyscallFormatter formatter = new SyscallFormatter(new FormatOptions(limit, hex, verbose));
    for (String abi : ABIS) {
      SyscallNumbers numbers = SyscallTable.get().abi(abi);
      for (SyscallSignature call : numbers.all()) {
        print(formatter, call, registers, mapped, result);
      }
      print(formatter, numbers.byNumber(registers[0]), registers, mapped, result);
    }
  }

  private static void print(
      SyscallFormatter formatter,
      SyscallSignature call,
      long[] registers,
      MemoryReader memory,
      long result) {
    StringBuilder out = new StringBuilder();
    PendingCall pending = formatter.enter(call, registers, registers[5], memory, out);
    SyscallSignature printedCall = pending.signature();
    int printed = pending.argumentsPrinted();
    assertTrue(printed >= 0 && printed <= printedCall.arguments().size());
    formatter.exit(pending, result, memory, out);
    assertEquals(printedCall.arguments().size(), pending.argumentsPrinted());
    int end = out.length();
    formatter.result(pending, result, memory, out);
    String text = out.toString();
    assertTrue(text.startsWith(printedCall.name() + "("), text);
    assertEquals(')', text.charAt(end - 1), text);
    assertTrue(text.length() > end, text);
    assertTrue(text.chars().allMatch(c -> c >= ' ' && c < 0x7f), text);
  }

  @Property
  void anySignalIsPrinted(@ForAll @Size(128) byte[] siginfo) {
    StringBuilder out = new StringBuilder();
    new SyscallFormatter(FormatOptions.DEFAULT).signal(siginfo, out);
    assertTrue(out.charAt(0) == '{' && out.charAt(out.length() - 1) == '}', out::toString);
  }
}
